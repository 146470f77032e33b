#include "allocations.hpp"

#include <cstdlib>
#include <limits>
#include <new>

namespace {

constinit thread_local std::size_t count = 0;
constinit thread_local std::size_t failing_from = std::numeric_limits<std::size_t>::max();
constinit thread_local std::size_t failures = 0;

void* allocate(std::size_t size) noexcept {
  ++count;
  if (size >= failing_from) {
    ++failures;
    return nullptr;
  }
  return std::malloc(size == 0 ? 1 : size);
}

} // namespace

sake::test::failing_allocations::failing_allocations(std::size_t size) noexcept {
  failing_from = size;
  failures = 0;
}

sake::test::failing_allocations::~failing_allocations() {
  failing_from = std::numeric_limits<std::size_t>::max();
}

std::size_t sake::test::failing_allocations::count() const noexcept {
  return failures;
}

std::size_t sake::test::allocation_count() noexcept {
  return count;
}

void* operator new(std::size_t size) {
  if (void* memory = allocate(size))
    return memory;
  throw std::bad_alloc{};
}

// A sanitizer's version would not match the delete of this file.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(size);
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
