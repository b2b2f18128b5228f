/* A clock that is wrong by JIXIAO_CLOCK seconds, put before a program by LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, now);
    const char *wrong = getenv("JIXIAO_CLOCK");
    if (clock == CLOCK_REALTIME && wrong)
        now->tv_sec += atol(wrong);
    return result;
}
