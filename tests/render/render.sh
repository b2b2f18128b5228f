#!/bin/bash
# Writes form.docx, .doc, .odt, .rtf, .pdf (Writer) and .xlsx, .xls, .ods (Calc) beside each form.html or form.txt given, with
# LibreOffice: one start of the program for each format, since starting it takes longer than all the forms.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
office() {
    local format=$1
    shift
    soffice --headless "-env:UserInstallation=file://$work/profile" --convert-to "$format" --outdir "$work" "$@" \
        >/dev/null 2>&1
}

mkdir "$work/html"
for form in "$@"; do
    page="$work/html/$(basename "$(dirname "$(dirname "$form")")")--$(basename "$(dirname "$form")").html"
    case $form in
    *.txt) python3 "$(dirname "$0")/text_to_html.py" "$form" >"$page" ;;
    *) cp "$form" "$page" ;;
    esac
done
office odt:writer8 --infilter="HTML (StarWriter)" "$work"/html/*.html
office "docx:MS Word 2007 XML" "$work"/*.odt
office "doc:MS Word 97" "$work"/*.odt
office "rtf:Rich Text Format" "$work"/*.odt
office pdf:writer_pdf_Export "$work"/*.odt
office ods:calc8 --infilter="HTML (StarCalc)" "$work"/html/*.html
office "xlsx:Calc MS Excel 2007 XML" "$work"/*.ods
office "xls:MS Excel 97" "$work"/*.ods
for form in "$@"; do
    folder=$(dirname "$form")
    name=$(basename "$(dirname "$folder")")--$(basename "$folder")
    for format in docx doc odt rtf pdf xlsx xls ods; do
        cp "$work/$name.$format" "$folder/form.$format"
    done
done
