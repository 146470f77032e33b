// Whether routes answer the same wherever they run.
#pragma once

#include <sake/runtime/config.hpp>
#include <sake/testing/matchers.hpp>
#include <sake/testing/request.hpp>
#include <sake/testing/test_app.hpp>

#include <string_view>
#include <vector>

namespace sake::testing {

/// Sends `requests`, in order, to the routes that `add_routes` registers, once for each way in
/// which they can run: as functions on the reactor, on the worker pool (`.worker()`), on
/// CAF's scheduler, detached, moved to the pool by the adaptive mode, and behind an actor that has
/// them answered by message. The responses have to be the same, octet for octet; one that is sent
/// in chunks, which end where the transport has them end and of which an actor gets one message, in
/// its status, its fields but for those of the framing, and its content. A response without an end
/// cannot be held to this.
///
/// Routes that say where they run, and actors that somebody else spawned, keep their place.
/// `add_routes` is called for each way: what it registers must not share state with what it
/// registered before.
///
///     CHECK(check_contract(add_routes, {request("GET", "/"), request("POST",
///     "/notes").json("{}")}));
///
/// @returns the first response that differs, with the request, the way and both responses
[[nodiscard]] verdict check_contract(const test_app::registration& add_routes,
                                     const std::vector<request>& requests,
                                     const config& options = {});

/// The same for one handler, which is registered under `path` for every method.
[[nodiscard]] verdict check_contract(std::string_view path, const handler& one,
                                     const std::vector<request>& requests,
                                     const config& options = {});

} // namespace sake::testing
