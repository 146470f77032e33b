// Numbers of a JSON text into numbers of C++.
#pragma once

#include "json_type.hpp"

#include <string>
#include <string_view>

namespace sake::http::detail {

/// Sets `target`, an integer or a real, to the number that `digits` denotes.
///
/// @param digits  a number by the grammar of RFC 8259 §6
/// @returns an empty string, or the kind of number found instead of a fitting one
std::string_view set_number(json_target target, std::string_view digits);

/// "from -128 to 127" for an int8_t.
std::string integer_range(const json_type& type);

} // namespace sake::http::detail
