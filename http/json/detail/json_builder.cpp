#include "json_builder.hpp"

#include "json_number.hpp"

#include <utility>

namespace sake::http::detail {

namespace {

// The most octets that an error text repeats of a name from the peer.
constexpr std::size_t shown_name_octets = 40;

/// Whether `text`, UTF-8 except where \u escapes were, holds half of a surrogate pair: RapidJSON
/// lets a low one pass.
bool has_surrogate(std::string_view text) noexcept {
  for (std::size_t at = text.find('\xED'); at != std::string_view::npos;
       at = text.find('\xED', at + 1))
    if (at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) >= 0xA0)
      return true;
  return false;
}

bool is_between_values(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' || c == ':';
}

bool is_identifier(std::string_view name) noexcept {
  return !name.empty()
         && name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789_-$")
                == std::string_view::npos;
}

/// `name`, or as many whole characters of it as may be shown.
std::string shown(std::string_view name) {
  if (name.size() <= shown_name_octets)
    return std::string{name};
  std::size_t size = shown_name_octets;
  while (size > 0 && (static_cast<unsigned char>(name[size]) & 0xC0) == 0x80)
    --size;
  return std::string{name.substr(0, size)} + "...";
}

std::string expected(const json_type& type) {
  switch (type.kind) {
    case json_kind::boolean:
      return "a boolean";
    case json_kind::integer:
      return "an integer " + integer_range(type);
    case json_kind::real:
      return "a number";
    case json_kind::string:
      return "a string";
    case json_kind::array:
      return "an array";
    case json_kind::map:
    case json_kind::object:
      return "an object";
    case json_kind::optional:
      break; // The type inside is expected.
  }
  return {};
}

std::string_view reason_of(rapidjson::ParseErrorCode code) noexcept {
  switch (code) {
    case rapidjson::kParseErrorDocumentEmpty:
      return "expected a value, found nothing";
    case rapidjson::kParseErrorDocumentRootNotSingular:
      return "unexpected text after the value";
    case rapidjson::kParseErrorObjectMissName:
      return "expected the name of a member";
    case rapidjson::kParseErrorObjectMissColon:
      return "expected ':' after the name of a member";
    case rapidjson::kParseErrorObjectMissCommaOrCurlyBracket:
      return "expected ',' or '}'";
    case rapidjson::kParseErrorArrayMissCommaOrSquareBracket:
      return "expected ',' or ']'";
    case rapidjson::kParseErrorStringUnicodeEscapeInvalidHex:
      return "expected four hexadecimal digits after '\\u'";
    case rapidjson::kParseErrorStringUnicodeSurrogateInvalid:
      return "half of a surrogate pair";
    case rapidjson::kParseErrorStringEscapeInvalid:
      return "unknown escape, or a control character that is not escaped";
    case rapidjson::kParseErrorStringMissQuotationMark:
      return "expected '\"' at the end of a string";
    case rapidjson::kParseErrorStringInvalidEncoding:
      return "invalid UTF-8";
    case rapidjson::kParseErrorNumberTooBig:
      return "number too large";
    case rapidjson::kParseErrorNumberMissFraction:
      return "expected a digit after '.'";
    case rapidjson::kParseErrorNumberMissExponent:
      return "expected a digit in the exponent";
    default:
      return "expected a value";
  }
}

} // namespace

json_builder::json_builder(std::string_view text, const rapidjson::MemoryStream& input,
                           json_target root, std::size_t depth_limit, json_error& error)
    : text_(text), input_(input), root_(root), depth_limit_(depth_limit), error_(error) {
  frames_.reserve(8);
}

bool json_builder::Null() {
  if (const json_target target = next_value(); target.type != nullptr) {
    if (target.type->kind != json_kind::optional)
      return mismatch(target, "null");
    target.type->clear(target.object);
  }
  return value_read(input_.Tell());
}

bool json_builder::Bool(bool value) {
  if (const json_target target = inside_optionals(next_value()); target.type != nullptr) {
    if (target.type->kind != json_kind::boolean)
      return mismatch(target, "a boolean");
    target.type->set_boolean(target.object, value);
  }
  return value_read(input_.Tell());
}

bool json_builder::RawNumber(const char* digits, rapidjson::SizeType size, bool) {
  if (const json_target target = inside_optionals(next_value()); target.type != nullptr) {
    if (target.type->kind != json_kind::integer && target.type->kind != json_kind::real)
      return mismatch(target, "a number");
    if (const auto problem = set_number(target, {digits, size}); !problem.empty())
      return mismatch(target, problem);
  }
  return value_read(input_.Tell());
}

bool json_builder::String(const char* octets, rapidjson::SizeType size, bool) {
  const std::string_view value{octets, size};
  if (has_surrogate(value))
    return fail(value_offset(), "half of a surrogate pair");
  if (const json_target target = inside_optionals(next_value()); target.type != nullptr) {
    if (target.type->kind != json_kind::string)
      return mismatch(target, "a string");
    static_cast<std::string*>(target.object)->assign(value);
  }
  return value_read(input_.Tell());
}

bool json_builder::Key(const char* octets, rapidjson::SizeType size, bool) {
  const std::string_view name{octets, size};
  if (has_surrogate(name))
    return fail(value_offset(), "half of a surrogate pair");
  if (ignored_depth_ == 0 && !enter_member(frames_.back(), name))
    return fail(value_offset(), "this member is there already");
  event_end_ = input_.Tell();
  return true;
}

bool json_builder::EndObject(rapidjson::SizeType) {
  if (ignored_depth_ == 0) {
    const frame& object = frames_.back();
    const json_type& type = *object.container.type;
    for (std::size_t i = 0; i < type.member_count; ++i)
      if (type.members[i].is_required && (object.seen >> i & 1) == 0)
        return fail(input_.Tell(),
                    "the member \"" + std::string{type.members[i].name} + "\" is missing");
  }
  return close();
}

/// The target of the value that begins now.
json_target json_builder::next_value() {
  if (ignored_depth_ != 0)
    return {};
  if (frames_.empty())
    return root_;
  frame& parent = frames_.back();
  const json_target container = parent.container;
  if (container.type->kind != json_kind::array)
    return parent.member;
  ++parent.elements;
  parent.in_value = true;
  return {&container.type->element(), container.type->place(container.object, {})};
}

json_target json_builder::inside_optionals(json_target target) {
  while (target.type != nullptr && target.type->kind == json_kind::optional)
    target = {&target.type->element(), target.type->place(target.object, {})};
  return target;
}

/// An array or an object begins.
bool json_builder::open(json_kind kind) {
  if (depth_ == depth_limit_)
    return fail(value_offset(), "nested deeper than " + std::to_string(depth_limit_) + " levels");
  if (const json_target target = inside_optionals(next_value()); target.type == nullptr) {
    ++ignored_depth_;
  } else {
    const bool fits = target.type->kind == kind
                      || (target.type->kind == json_kind::map && kind == json_kind::object);
    if (!fits)
      return mismatch(target, kind == json_kind::array ? "an array" : "an object");
    if (target.type->clear != nullptr)
      target.type->clear(target.object);
    frames_.emplace_back().container = target;
  }
  ++depth_;
  event_end_ = input_.Tell() + 1;
  return true;
}

/// An array or an object ends.
bool json_builder::close() {
  --depth_;
  if (ignored_depth_ != 0)
    --ignored_depth_;
  else
    frames_.pop_back();
  return value_read(input_.Tell() + 1);
}

bool json_builder::enter_member(frame& object, std::string_view name) {
  const std::size_t quote = value_offset();
  object.name = text_.substr(quote + 1, input_.Tell() - quote - 2);
  object.in_value = true;
  object.member = {};
  const json_type& type = *object.container.type;
  if (type.kind == json_kind::map) {
    object.member = {&type.element(), type.place(object.container.object, name)};
    return object.member.object != nullptr;
  }
  // Members mostly come in the order in which they were described.
  for (std::size_t tried = 0; tried < type.member_count; ++tried) {
    const std::size_t i = (object.next_member + tried) % type.member_count;
    const json_type_member& member = type.members[i];
    if (member.name != name)
      continue;
    object.member = {&member.type(), member.place(object.container.object)};
    object.next_member = i + 1;
    const bool is_new = (object.seen >> i & 1) == 0;
    object.seen |= std::uint64_t{1} << i;
    return is_new;
  }
  return true;
}

/// A value ended at `end`.
bool json_builder::value_read(std::size_t end) {
  if (ignored_depth_ == 0 && !frames_.empty())
    frames_.back().in_value = false;
  event_end_ = end;
  return true;
}

void json_builder::fail(rapidjson::ParseErrorCode code, std::size_t offset) {
  if (code != rapidjson::kParseErrorTermination)
    fail(offset, std::string{reason_of(code)});
}

bool json_builder::fail(std::size_t offset, std::string reason) {
  error_ = {offset, path(), std::move(reason)};
  return false;
}

bool json_builder::mismatch(json_target target, std::string_view found) {
  return fail(value_offset(),
              "expected " + expected(*target.type) + ", found " + std::string{found});
}

/// The start of the value or name of the current event.
std::size_t json_builder::value_offset() const noexcept {
  std::size_t begin = event_end_;
  while (begin < text_.size() && is_between_values(text_[begin]))
    ++begin;
  return begin;
}

/// The path of the current value.
std::string json_builder::path() const {
  std::string path;
  for (const frame& f : frames_) {
    if (!f.in_value)
      break;
    if (f.container.type->kind == json_kind::array)
      path += '[' + std::to_string(f.elements - 1) + ']';
    else if (!is_identifier(f.name))
      path += "[\"" + shown(f.name) + "\"]";
    else
      path += (path.empty() ? "" : ".") + shown(f.name);
  }
  return path;
}

} // namespace sake::http::detail
