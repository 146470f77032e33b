#include <sake/http/json_reader.hpp>

#include <sake/http/detail/json_builder.hpp>

#include <limits>

namespace sake::http {

std::string json_error::message() const {
  return (path.empty() ? "" : path + ": ") + reason + " (octet " + std::to_string(offset) + ')';
}

std::string json_error::refusal() const {
  return "content is not the JSON expected: " + message() + '\n';
}

bool detail::read_json(std::string_view text, json_target target, std::size_t depth_limit,
                       json_error& error) {
  // RapidJSON counts the octets of a string in 32 bits.
  if (text.size() > std::numeric_limits<rapidjson::SizeType>::max()) {
    error = {0, {}, "the text is longer than 4 GiB"};
    return false;
  }
  // Numbers arrive as text, to be converted once and exactly, for the type they go to.
  constexpr unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag
                             | rapidjson::kParseNumbersAsStringsFlag;
  rapidjson::MemoryStream input{text.data(), text.size()};
  rapidjson::Reader reader;
  json_builder builder{text, input, target, depth_limit, error};
  if (const auto result = reader.Parse<flags>(input, builder); result.IsError()) {
    builder.fail(result.Code(), result.Offset());
    return false;
  }
  // RapidJSON takes NUL for the end of the text.
  if (input.Tell() != text.size()) {
    builder.fail(rapidjson::kParseErrorDocumentRootNotSingular, input.Tell());
    return false;
  }
  return true;
}

} // namespace sake::http
