#define _GNU_SOURCE
#include "CLaunch.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Closes every descriptor from `first` on.
static void close_from(int first) {
#ifdef SYS_close_range
    if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0) return;
#endif
    struct rlimit limit;
    int end = 65536;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < (rlim_t)end) {
        end = (int)limit.rlim_cur;
    }
    for (int descriptor = first; descriptor < end; descriptor++) close(descriptor);
}

// Lets others go first. Where sessions are scheduled as groups, that of the process is told as well:
// within it there is nobody to give way to.
static void give_way(int niceness) {
    setpriority(PRIO_PROCESS, 0, niceness);
    char text[4];
    int count = 0;
    if (niceness >= 10) text[count++] = (char)('0' + niceness / 10);
    text[count++] = (char)('0' + niceness % 10);
    int group = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
    if (group < 0) return;
    // Best effort: it may be refused where many are started at once.
    ssize_t written = write(group, text, (size_t)count);
    (void)written;
    close(group);
}

// What the new process does before it becomes the program. It shares the launcher's memory, so
// that it makes system calls and nothing else; returns the errno of what failed.
static int become(const struct basalt_launch *launch, pid_t launcher, int input, int output) {
    if (setsid() < 0) return errno;
    if (launch->niceness > 0 && launch->niceness < 20) give_way(launch->niceness);
    if (launch->dies_with_thread) {
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return errno;
        // The launcher may have ended before the call above.
        if (getppid() != launcher) _exit(127);
    }
    for (int number = 1; number < NSIG; number++) {
        if (number != SIGKILL && number != SIGSTOP) signal(number, SIG_DFL);
    }
    if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0 || dup2(output, 3) < 0) {
        return errno;
    }
    close_from(4);
    if (chdir(launch->directory) < 0) return errno;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(launch->executable, launch->arguments, launch->environment);
    return errno;
}

pid_t basalt_launch(const struct basalt_launch *launch, int *failure) {
    // Out of the way of 0…3, which are overwritten.
    int input = fcntl(launch->input, F_DUPFD_CLOEXEC, 10);
    int output = input < 0 ? -1 : fcntl(launch->output, F_DUPFD_CLOEXEC, 10);
    if (output < 0) {
        *failure = errno;
        if (input >= 0) close(input);
        return -1;
    }
    pid_t launcher = getpid();
    // Written by the new process, in the memory that it shares.
    volatile int failed = 0;
    // No handler of ours may run in the new process.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t process = vfork();
    if (process == 0) {
        failed = become(launch, launcher, input, output);
        _exit(127);
    }
    if (process < 0) failed = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(input);
    close(output);
    if (failed == 0) return process;
    if (process > 0) {
        // It never became the program: nobody else hears of it.
        while (waitpid(process, NULL, 0) < 0 && errno == EINTR) {}
    }
    *failure = failed;
    return -1;
}

int basalt_pidfd(pid_t process) {
#ifdef SYS_pidfd_open
    return (int)syscall(SYS_pidfd_open, process, 0);
#else
    (void)process;
    errno = ENOSYS;
    return -1;
#endif
}

int basalt_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) < 0) return -1;
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return 0;
}

void basalt_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }
