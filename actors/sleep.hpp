// `co_await ctx.sleep(…)` and `co_await ctx.draining()`.
#pragma once

#include <sake/routing/context.hpp>
#include <sake/routing/waiter.hpp>

#include <chrono>
#include <memory>

namespace sake::actors {

class shard;

/// Resumes `waiting` of `ctx` after `duration`, by the wheel of the reactor of `home`; not at all
/// when what is returned goes before. From any thread.
/// @param until_drain  whether it is resumed when the engine begins to shut down, if that is sooner
std::unique_ptr<routing::pending> begin_sleep(context& ctx, shard& home,
                                              std::chrono::milliseconds duration,
                                              routing::waiter_ptr waiting, bool until_drain);

} // namespace sake::actors
