// Counts heap allocations by standing in front of glibc's allocator: a definition in the
// executable takes precedence over the library's, for Swift's runtime and RocksDB alike.

#define _GNU_SOURCE
#include "allocation_count.h"
#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static _Atomic int enabled;
static _Atomic uint64_t count;

static inline void note(void) {
    if (__builtin_expect(atomic_load_explicit(&enabled, memory_order_relaxed), 0)) {
        atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
    }
}

void allocation_count_enable(int is_enabled) {
    atomic_store(&enabled, is_enabled);
}

uint64_t allocation_count(void) {
    return atomic_load(&count);
}

void *malloc(size_t size) {
    note();
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    note();
    return __libc_calloc(number, size);
}

void *realloc(void *pointer, size_t size) {
    note();
    return __libc_realloc(pointer, size);
}

void *memalign(size_t alignment, size_t size) {
    note();
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    note();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **pointer, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0) {
        return EINVAL;
    }
    note();
    void *memory = __libc_memalign(alignment, size);
    if (memory == NULL) {
        return ENOMEM;
    }
    *pointer = memory;
    return 0;
}

void free(void *pointer) {
    __libc_free(pointer);
}
