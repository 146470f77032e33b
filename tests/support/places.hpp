// The places beside the reactor where a route may run.
#pragma once

#include <sake/routing/group.hpp>

#include <array>
#include <string>

#include <pthread.h>

namespace sake::test {

/// A place beside the reactor where a route may run.
struct place {
  const char* name;
  void (*assign)(route&);
  /// The beginning of its threads' names; empty if the test's own thread runs it.
  const char* threads;
};

/// Includes the default pool and one named "images".
inline constexpr std::array places{
    place{"pool", [](route& to) { to.worker(); }, "sake-worker-"},
    place{"named pool", [](route& to) { to.worker("images"); }, "sake-images-"},
    place{"detached", [](route& to) { to.detached(); }, "sake-detached-"},
    place{"scheduler", [](route& to) { to.on_scheduler(); }, ""},
};

inline std::string thread_name() {
  std::array<char, 16> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  return name.data();
}

} // namespace sake::test
