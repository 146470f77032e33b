// An actor that counts its requests.
#pragma once

#include <sake/http/request.hpp>
#include <sake/http/response.hpp>

#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>

#include <string>

namespace sake::test {

/// Increments `count` and answers with it.
inline http::response count_up(int& count) {
  return http::response::text(200, std::to_string(++count));
}

/// Answers each request with the number of requests so far.
inline caf::behavior counter(caf::event_based_actor*) {
  return {[count = 0](const http::request&) mutable { return count_up(count); }};
}

} // namespace sake::test
