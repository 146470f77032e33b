// The actor system of an engine.
#pragma once

#include "config/config.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

namespace sake {

/// The actor system of an engine, with the scheduler that the configuration asks for.
class engine_actor_system {
public:
  /// @throws std::system_error if the system has too few threads
  explicit engine_actor_system(const config& options);
  engine_actor_system(const engine_actor_system&) = delete;
  engine_actor_system& operator=(const engine_actor_system&) = delete;
  /// Blocks until all actors have ended. After a second it logs that it waits for actors of the
  /// program.
  ~engine_actor_system();

  [[nodiscard]] caf::actor_system& get() noexcept { return system_; }

private:
  caf::actor_system_config config_;
  caf::actor_system system_;
};

/// Releases CAF's logger at the end of a scope. Each thread that makes an actor system or spawns an
/// actor keeps the logger of that system until it ends, or until this; and the destructor of the
/// system waits until no other thread keeps it.
class logger_release {
public:
  logger_release() = default;
  logger_release(const logger_release&) = delete;
  logger_release& operator=(const logger_release&) = delete;
  ~logger_release();
};

} // namespace sake
