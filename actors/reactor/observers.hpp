// The observers of each reactor.
#pragma once

#include "../../http/access.hpp"
#include "runtime_observer.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace sake::actors {

/// The observers of one reactor.
struct observers {
  http::access_observers access;
  runtime_observers runtime;
};

/// Makes the observers of each reactor of an engine. Belongs to one thread.
class observer_factories {
public:
  /// Makes the observer of the reactor with that index.
  using access_factory = std::function<std::unique_ptr<http::access_observer>(std::size_t)>;
  using runtime_factory = std::function<std::unique_ptr<runtime_observer>(std::size_t)>;

  /// @throws std::invalid_argument if `make` is empty
  /// @throws std::logic_error after `make_all`
  void add_access(access_factory make);
  void add_runtime(runtime_factory make);

  /// Calls each factory once for each reactor, and refuses further ones.
  /// @throws std::invalid_argument if a factory returns null; any exception of a factory
  [[nodiscard]] std::vector<observers> make_all(std::size_t reactors);

private:
  void check(bool is_empty) const;

  std::vector<access_factory> access_;
  std::vector<runtime_factory> runtime_;
  bool has_made_ = false;
};

} // namespace sake::actors
