// Checks that routes give the same responses wherever they run.
#pragma once

#include "../config/config.hpp"
#include "matchers.hpp"
#include "request.hpp"
#include "test_app.hpp"

#include <string_view>
#include <vector>

namespace sake::testing {

/// Sends `requests`, in order, to the routes that `add_routes` registers, once for each place where
/// they can run: as functions on the reactor, on the worker pool (`.worker()`), on CAF's scheduler,
/// detached, moved to the pool by the adaptive mode, and behind an actor that forwards requests as
/// messages. The responses must be the same, octet for octet. Chunked responses are compared by
/// status, fields (without those of the framing) and content: the transport decides where chunks
/// end, and an actor gets the response as one message. A response without an end cannot be checked.
///
/// Routes that say where they run, and actors that were spawned outside, keep their place.
/// `add_routes` is called once for each place: its registrations must not share state with earlier
/// ones.
///
///     CHECK(check_contract(add_routes, {request("GET", "/"), request("POST",
///     "/notes").json("{}")}));
///
/// @returns the first response that differs, with the request, the place and both responses
[[nodiscard]] verdict check_contract(const test_app::registration& add_routes,
                                     const std::vector<request>& requests,
                                     const config& options = {});

/// The same for one handler, which is registered under `path` for every method.
[[nodiscard]] verdict check_contract(std::string_view path, const handler& one,
                                     const std::vector<request>& requests,
                                     const config& options = {});

} // namespace sake::testing
