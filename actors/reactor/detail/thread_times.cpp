#include "thread_times.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

namespace sake::actors::detail {

namespace {

struct proc_text {
  char octets[512];
  std::size_t size = 0;
  [[nodiscard]] std::string_view view() const noexcept { return {octets, size}; }
};

// The start of a /proc file of a thread of this process; empty if the thread has ended.
proc_text read_proc(pid_t thread, const char* file) noexcept {
  proc_text text;
  char path[64];
  std::snprintf(path, sizeof path, "/proc/self/task/%d/%s", thread, file);
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return text;
  const auto got = ::read(fd, text.octets, sizeof text.octets - 1);
  ::close(fd);
  text.size = got > 0 ? static_cast<std::size_t>(got) : 0;
  text.octets[text.size] = '\0';
  return text;
}

} // namespace

thread_identity thread_identity::here() noexcept {
  thread_identity own;
  own.id = ::gettid();
  ::pthread_getcpuclockid(::pthread_self(), &own.cpu_clock);
  return own;
}

thread_times times_of(const thread_identity& thread) noexcept {
  timespec cpu{};
  if (::clock_gettime(thread.cpu_clock, &cpu) != 0)
    return {};
  // "time on a core, time of waiting, time slices", in nanoseconds.
  long long ran = 0;
  long long waited = 0;
  if (std::sscanf(read_proc(thread.id, "schedstat").octets, "%lld %lld", &ran, &waited) != 2)
    waited = 0;
  return {std::chrono::seconds{cpu.tv_sec} + std::chrono::nanoseconds{cpu.tv_nsec},
          std::chrono::nanoseconds{waited}};
}

bool is_runnable(const thread_identity& thread) noexcept {
  // "id (name) state …": the name may hold anything.
  const auto text = read_proc(thread.id, "stat");
  const auto name_end = text.view().rfind(')');
  return name_end != std::string_view::npos && name_end + 2 < text.size
         && text.octets[name_end + 2] == 'R';
}

std::chrono::nanoseconds time_spent(const thread_times& before, const thread_times& now,
                                    std::chrono::nanoseconds passed, bool runs) noexcept {
  const auto cpu = now.cpu - before.cpu;
  if (runs)
    return std::min(cpu, passed);
  return std::clamp(passed - (now.waited - before.waited), std::min(cpu, passed), passed);
}

} // namespace sake::actors::detail
