// A request with a waiting chain.
#pragma once

#include "../reactor/listed.hpp"

namespace sake::actors {

struct waiting_request_tag;

/// A request with a waiting chain. Belongs to the reactor of its shard.
class waiting_request : public listed<waiting_request_tag> {
public:
  /// Called when the shard ends: releases the waiting chain; the response is 503. Later events for
  /// the chain are ignored. On the reactor, or after it has stopped.
  virtual void let_go() noexcept = 0;

protected:
  waiting_request() = default;
  ~waiting_request() = default;
};

} // namespace sake::actors
