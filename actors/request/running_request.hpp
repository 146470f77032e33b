// A request with a running chain.
#pragma once

#include "../../http/response_port.hpp"
#include "../../routing/chain_runner.hpp"
#include "early_end.hpp"

#include <caf/intrusive_ptr.hpp>

namespace sake::actors {

class shard;

/// A request with a chain that runs on a shard: the view for objects that the chain waits for.
/// Reference-counted: an object that ends a wait later must hold a reference.
class running_request : public routing::chain_runner, public http::response_observer {
public:
  using pointer = caf::intrusive_ptr<running_request>;

  [[nodiscard]] shard& home() const noexcept { return *shard_; }
  [[nodiscard]] bool is_cancelled() const noexcept final { return early_end_.has_begun(); }
  [[nodiscard]] bool drops_work() const noexcept final { return early_end_.is_pending(); }

  /// Ends the waiting layer, as its wait will never end. Like `cancel`, unless the request was
  /// cancelled already. With 0 the response stays. On the reactor.
  virtual void end_where_it_waits(int status) noexcept = 0;

protected:
  shard* shard_ = nullptr;
  early_end early_end_;
};

inline void intrusive_ptr_add_ref(running_request* x) noexcept {
  x->add_reference();
}
inline void intrusive_ptr_release(running_request* x) noexcept {
  x->drop_reference();
}

} // namespace sake::actors
