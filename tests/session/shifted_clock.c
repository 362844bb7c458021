/* Preloaded into a process and its children, moves the clock of day by SHIFT_SECONDS; the monotonic clock stays.

   cc -shared -fPIC -O2 -DSHIFT_SECONDS=3600 shifted_clock.c -o shifted_clock.so

   The shift is part of the library, since servers are started without our environment. libfaketime would do, but until
   0.9.11 absolute sleeps on the monotonic clock fail with it, and so `time.sleep` of CPython.

   Source: docs/decisions/second-tries.md. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>

/* No monotonic clock has come so far since its machine was started: what is later was meant as a time of day. */
#define LATEST_MONOTONIC 1000000000L

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int is_of_day(clockid_t clock) { return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE; }

static struct timespec unshifted(const struct timespec *until) {
    struct timespec real = *until;
    real.tv_sec -= SHIFT_SECONDS;
    return real;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    static __typeof__(&clock_gettime) real;
    if (!real) real = REAL(clock_gettime);
    int failed = real(clock, now);
    if (!failed && is_of_day(clock)) now->tv_sec += SHIFT_SECONDS;
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    static __typeof__(&gettimeofday) real;
    if (!real) real = REAL(gettimeofday);
    int failed = real(now, zone);
    if (!failed) now->tv_sec += SHIFT_SECONDS;
    return failed;
}

time_t time(time_t *kept) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (kept) *kept = now.tv_sec;
    return now.tv_sec;
}

int timespec_get(struct timespec *now, int base) {
    return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, now) == 0 ? base : 0;
}

/* Waits until a time of day. */
int clock_nanosleep(clockid_t clock, int flags, const struct timespec *until, struct timespec *left) {
    static __typeof__(&clock_nanosleep) real;
    if (!real) real = REAL(clock_nanosleep);
    struct timespec at;
    if (flags & TIMER_ABSTIME && is_of_day(clock)) at = unshifted(until), until = &at;
    return real(clock, flags, until, left);
}

int timerfd_settime(int fd, int flags, const struct itimerspec *new, struct itimerspec *old) {
    static __typeof__(&timerfd_settime) real;
    if (!real) real = REAL(timerfd_settime);
    struct itimerspec at;
    if (flags & TFD_TIMER_ABSTIME && new->it_value.tv_sec > LATEST_MONOTONIC) {
        at = *new, at.it_value = unshifted(&new->it_value), new = &at;
    }
    return real(fd, flags, new, old);
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict until) {
    static __typeof__(&sem_timedwait) real;
    if (!real) real = REAL(sem_timedwait);
    struct timespec at = unshifted(until);
    return real(semaphore, &at);
}

int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict until) {
    static __typeof__(&pthread_mutex_timedlock) real;
    if (!real) real = REAL(pthread_mutex_timedlock);
    struct timespec at = unshifted(until);
    return real(mutex, &at);
}

/* By which clock a condition waits is known to the condition alone. */
int pthread_cond_timedwait(
    pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex, const struct timespec *restrict until
) {
    static __typeof__(&pthread_cond_timedwait) real;
    if (!real) real = (__typeof__(real))dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    if (!real) real = REAL(pthread_cond_timedwait);
    struct timespec at;
    if (until->tv_sec > LATEST_MONOTONIC) at = unshifted(until), until = &at;
    return real(condition, mutex, until);
}
