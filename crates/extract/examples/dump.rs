//! tmp
fn main() {
    let bytes = std::fs::read(std::env::args().nth(1).unwrap()).unwrap();
    let d = jixiao_extract::read(&bytes);
    println!("{:?} {:?} {:?} {:?}", d.format, d.encoding, d.encoding_evidence, d.unreadable);
    let mut n = 0;
    let cut = |s: &Option<String>| {
        s.as_ref().map_or("NULL".into(), |s| {
            let c: Vec<char> = s.chars().collect();
            if c.len() > 50 {
                format!(
                    "{}…{}…{}",
                    c[..22].iter().collect::<String>(),
                    c.len(),
                    c[c.len() - 22..].iter().collect::<String>()
                )
            } else {
                s.clone()
            }
        })
    };
    for f in &d.forms {
        println!("=== form {} {} {:?}", f.number, f.place, f.family);
        for x in &f.fields {
            println!(
                "  {} {:?} {:?} = {}",
                x.place,
                x.code.as_deref().unwrap_or("-"),
                x.label.as_deref().unwrap_or("-"),
                cut(&x.value)
            );
        }
        for i in &f.indicators {
            n += 1;
            println!(
                "  {} {} | {} | {} | {} {:?}",
                i.place,
                cut(&i.level1),
                cut(&i.level2),
                cut(&i.indicator),
                cut(&i.target),
                i.note
            );
        }
        for x in &f.findings {
            println!(
                "  !! {} {} {:?} {}",
                x.place.as_ref().map_or(String::new(), |p| p.to_string()),
                x.code,
                x.field,
                x.message
            );
            println!("       {} -> {}", cut(&x.found), cut(&x.expected));
        }
    }
    println!("{} forms {} indicators", d.forms.len(), n);
}
