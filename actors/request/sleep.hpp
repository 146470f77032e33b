// `co_await ctx.sleep(…)` and `co_await ctx.draining()`.
#pragma once

#include "../../routing/awaiting_chain.hpp"
#include "../../routing/waiter.hpp"

#include <chrono>
#include <memory>

namespace sake::actors {

class shard;

/// Resumes `waiting` of `own` after `duration`, by the wheel of the reactor of `home`; never, if
/// the returned object is destroyed before. Safe from any thread.
/// @param until_drain  whether to resume when the engine begins to shut down, if that is sooner
std::unique_ptr<routing::pending> begin_sleep(routing::awaiting_chain& own, shard& home,
                                              std::chrono::milliseconds duration,
                                              routing::waiter_ptr waiting, bool until_drain);

} // namespace sake::actors
