// Reads the content of a request as a value, for actors; functions use `context::bind_json`.
#pragma once

#include "request.hpp"
#include "response.hpp"
#include "json/json_reader.hpp"
#include "json/json_struct.hpp"

#include <boost/system/result.hpp>

#include <utility>

namespace sake::http {

/// Reads the content of `from` as JSON. Returns a `T`, or the response 400 with the place and the
/// reason, as `context::bind_json` answers.
///
///     auto wanted = sake::bind_json<draft>(request);
///     if (!wanted)
///       return wanted.error();
template <class T>
[[nodiscard]] boost::system::result<T, response> bind_json(const request& from) {
  auto read = read_json<T>(from.content());
  // Tagged, because a response can also be made from a number.
  if (read)
    return {boost::system::in_place_value, std::move(*read)};
  return {boost::system::in_place_error, response::text(400, read.error().refusal())};
}

} // namespace sake::http

namespace sake {
using http::bind_json;
} // namespace sake
