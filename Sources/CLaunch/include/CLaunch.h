// Starting processes in a session of their own: what must happen between fork and exec, in C.
#ifndef BASALT_CLAUNCH_H
#define BASALT_CLAUNCH_H

// Swift's Glibc leaves these out.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/types.h>

struct basalt_launch {
    // A path that is run as it is.
    const char *executable;
    // Ended by NULL, the first is the name that the process sees.
    char *const *arguments;
    char *const *environment;
    const char *directory;
    // Becomes descriptor 0.
    int input;
    // Becomes descriptors 1, 2 and 3. All other descriptors are closed.
    int output;
    // Whether the process gets SIGKILL when the thread that launches it ends, as it does with its
    // process.
    int dies_with_thread;
    // 1…19: by how much others go before it; 0: nothing changes.
    int niceness;
};

// Starts a process as the leader of a session and a process group of its own, with the signals'
// defaults and none blocked. Returns its id, or -1 with the failed call's errno in `failure`.
//
// The calling thread waits until the process is under way; others go on.
pid_t basalt_launch(const struct basalt_launch *launch, int *failure);

// A descriptor that becomes readable when a process ends; -1 where the system has none.
int basalt_pidfd(pid_t process);

// A pipe whose ends no process inherits, and whose first end doesn't block; 0, or -1 with errno.
int basalt_pipe(int ends[2]);

// Gives the calling thread a name of at most fifteen characters.
void basalt_name_thread(const char *name);

#endif
