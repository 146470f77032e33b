// A layer that waits for the response.
#pragma once

#include "../task.hpp"
#include "callback.hpp"

#include <coroutine>

namespace sake::routing::detail {

/// A layer that passed the request on and waits for the response: a function to call, or a
/// coroutine to resume.
struct open_layer {
  callback after;
  task<> frame;
  std::coroutine_handle<> waiting;
};

} // namespace sake::routing::detail
