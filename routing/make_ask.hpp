// The hook for the implementation of `context::ask`.
#pragma once

namespace sake::routing {

/// Makes the awaiter that `context::ask` returns. If it is incomplete, include <sake/actors.hpp>.
template <class Result, class Handle>
struct make_ask;

} // namespace sake::routing
