// The content of a request as a value, for actors: functions have `context::bind_json`.
#pragma once

#include <sake/http/json_reader.hpp>
#include <sake/http/json_struct.hpp>
#include <sake/http/request.hpp>
#include <sake/http/response.hpp>

#include <boost/system/result.hpp>

#include <utility>

namespace sake::http {

/// The content of `from`, read as JSON: a `T`, or the response 400 with the place and the reason,
/// the same that `context::bind_json` answers.
///
///     auto wanted = sake::bind_json<draft>(request);
///     if (!wanted)
///       return wanted.error();
template <class T>
[[nodiscard]] boost::system::result<T, response> bind_json(const request& from) {
  auto read = read_json<T>(from.content());
  // Tagged, as a response can be made of a number, too.
  if (read)
    return {boost::system::in_place_value, std::move(*read)};
  return {boost::system::in_place_error, response::text(400, read.error().refusal())};
}

} // namespace sake::http

namespace sake {
using http::bind_json;
} // namespace sake
