// `co_await ctx.sleep(…)`.
#pragma once

#include <sake/routing/context.hpp>
#include <sake/routing/waiter.hpp>

#include <chrono>
#include <memory>

namespace sake::actors {

class reactor;

/// Resumes `waiting` of `ctx` after `duration`, by the wheel of the reactor `here`; not at all when
/// what is returned goes before. From any thread.
std::unique_ptr<routing::pending> begin_sleep(context& ctx, reactor& here,
                                              std::chrono::milliseconds duration,
                                              routing::waiter_ptr waiting);

} // namespace sake::actors
