// The places beside the reactor that a route may ask for.
#pragma once

#include <sake/routing/group.hpp>

#include <array>
#include <string>

#include <pthread.h>

namespace sake::test {

/// A place beside the reactor that a route may ask for.
struct place {
  const char* name;
  void (*assign)(route&);
  /// How the names of its threads begin; empty where the test's own thread runs it.
  const char* threads;
};

/// With a pool without a name, and one named "images".
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
