#pragma once
#include <stdint.h>

/// Starts or stops counting; while stopped an allocation costs one predictable branch more.
void allocation_count_enable(int is_enabled);

/// The allocations (malloc, calloc, realloc, aligned) of all threads counted so far.
uint64_t allocation_count(void);
