#include "response.hpp"

#include "detail/spare_octets.hpp"
#include "method.hpp"

#include <cstdint>
#include <functional>
#include <limits>
#include <stdexcept>
#include <utility>

namespace sake::http {

namespace detail {

response_data::response_data() noexcept = default;
response_data::~response_data() = default;

std::string& response_data::new_content() noexcept {
  content.clear();
  if (uncopied != nullptr) [[unlikely]]
    uncopied.reset();
  return content;
}

bool response_data::recycle() noexcept {
  if (content.capacity() > spare_octets::least)
    spare_octets::give(std::move(content));
  if (fields.capacity() > pooled_octets || content.capacity() > pooled_octets)
    return false;
  status = 200;
  fields.clear();
  new_content();
  closes = false;
  has_date = false;
  has_server = false;
  return true;
}

} // namespace detail

namespace {

struct line {
  std::string_view name;
  std::string_view value;
  std::size_t size; // of the whole line, with its ending
};

// The first line of `fields`, which are well-formed because only this class writes them.
line first_line(std::string_view fields) noexcept {
  const std::size_t colon = fields.find(':');
  const std::size_t end = fields.find('\r', colon);
  return {fields.substr(0, colon), fields.substr(colon + 2, end - colon - 2), end + 2};
}

void append_line(std::string& fields, std::string_view name, std::string_view value) {
  fields.reserve(fields.size() + name.size() + value.size() + 4);
  fields += name;
  fields += ": ";
  fields += value;
  fields += "\r\n";
}

void check(std::string_view name, std::string_view value) {
  if (!is_token(name))
    throw std::invalid_argument("field name is not a token (RFC 9110 §5.1): " + std::string{name});
  if (!is_field_value(value))
    throw std::invalid_argument("value of field " + std::string{name}
                                + " holds a control octet (RFC 9110 §5.5)");
  if (is_framing_field(name))
    throw std::invalid_argument("field " + std::string{name}
                                + " belongs to the framing and is set by the connection");
}

// Whether `part` lies in `whole`, which is about to change.
bool lies_in(std::string_view part, const std::string& whole) noexcept {
  const std::less<const char*> before;
  return !part.empty() && !before(part.data(), whole.data())
         && before(part.data(), whole.data() + whole.size());
}

response with_content(int status, std::string_view type_line, std::string_view content) {
  response result{status};
  result.content_type_line(type_line);
  result.content(content);
  return result;
}

} // namespace

response response::text(int status, std::string_view content) {
  return with_content(status, content_types::text, content);
}

response response::json(int status, std::string_view content) {
  return with_content(status, content_types::json, content);
}

response response::html(int status, std::string_view content) {
  return with_content(status, content_types::html, content);
}

response& response::status(int status) {
  if (status < 200 || status > 599)
    throw std::invalid_argument("not the status of a final response: " + std::to_string(status));
  data().status = status;
  return *this;
}

// The octets may be a part of the content that they replace.
response& response::content(std::string_view octets) {
  auto& own = data();
  own.content.assign(octets);
  own.uncopied.reset();
  return *this;
}

response& response::content(std::string&& octets) {
  data().new_content() = std::move(octets);
  return *this;
}

response& response::content(piece uncopied) {
  if (const auto* const part = std::get_if<file_part>(&uncopied)) {
    constexpr std::uint64_t longest = std::numeric_limits<std::int64_t>::max(); // of off_t
    if (!part->from)
      throw std::invalid_argument("a part of no file");
    if (part->length > longest || part->offset > longest - part->length)
      throw std::invalid_argument("a part behind the end of any file");
  }
  auto owned = std::make_unique<const piece>(std::move(uncopied));
  auto& own = data();
  own.new_content();
  own.uncopied = std::move(owned);
  return *this;
}

std::string_view response::content() const noexcept {
  if (data_->uncopied == nullptr)
    return data_->content;
  const auto* const kept = std::get_if<kept_octets>(data_->uncopied.get());
  return kept != nullptr ? kept->octets : std::string_view{};
}

std::uint64_t response::content_length() const noexcept {
  return data_->uncopied == nullptr ? data_->content.size() : size_of(*data_->uncopied);
}

response& response::set_header(std::string_view name, std::string_view value) {
  check(name, value);
  if (!data_->fields.empty()) {
    if (lies_in(name, data_->fields) || lies_in(value, data_->fields))
      return set_header(std::string{name}, std::string{value});
    remove_header(name);
  }
  return add_checked(name, value);
}

response& response::content_type_line(std::string_view line) {
  auto& fields = data().fields;
  if (!fields.empty())
    remove_header("Content-Type");
  fields += line;
  return *this;
}

response& response::add_header(std::string_view name, std::string_view value) {
  check(name, value);
  if (lies_in(name, data_->fields) || lies_in(value, data_->fields))
    return add_checked(std::string{name}, std::string{value});
  return add_checked(name, value);
}

response& response::add_checked(std::string_view name, std::string_view value) {
  auto& own = data();
  if (iequals(name, "connection"))
    return add_connection(name, value);
  if (iequals(name, "date"))
    own.has_date = true;
  else if (iequals(name, "server"))
    own.has_server = true;
  append_line(own.fields, name, value);
  return *this;
}

// Leaves out keep-alive: the connection itself says whether it persists.
response& response::add_connection(std::string_view name, std::string_view value) {
  auto& own = data();
  std::string options;
  for_each_list_element(value, [&](std::string_view option) {
    own.closes = own.closes || iequals(option, "close");
    if (iequals(option, "keep-alive"))
      return;
    options += options.empty() ? "" : ", ";
    options += option;
  });
  if (!options.empty())
    append_line(own.fields, name, options);
  return *this;
}

response& response::remove_header(std::string_view name) {
  if (lies_in(name, data_->fields))
    return remove_header(std::string{name});
  auto& own = data();
  for (std::size_t at = 0; at < own.fields.size();) {
    const line here = first_line(std::string_view{own.fields}.substr(at));
    if (iequals(here.name, name))
      own.fields.erase(at, here.size);
    else
      at += here.size;
  }
  if (iequals(name, "connection"))
    own.closes = false;
  else if (iequals(name, "date"))
    own.has_date = false;
  else if (iequals(name, "server"))
    own.has_server = false;
  return *this;
}

std::optional<std::string_view> response::header(std::string_view name) const noexcept {
  for (std::string_view rest = data_->fields; !rest.empty();) {
    const line here = first_line(rest);
    if (iequals(here.name, name))
      return here.value;
    rest.remove_prefix(here.size);
  }
  return std::nullopt;
}

std::vector<field> response::fields() const {
  std::vector<field> lines;
  for (std::string_view rest = data_->fields; !rest.empty();) {
    const line here = first_line(rest);
    lines.push_back({here.name, here.value});
    rest.remove_prefix(here.size);
  }
  return lines;
}

void response::unshare() {
  auto copy = detail::handle<detail::response_data>::make();
  copy->status = data_->status;
  copy->fields = data_->fields;
  copy->content = data_->content;
  if (data_->uncopied != nullptr)
    copy->uncopied = std::make_unique<const piece>(*data_->uncopied);
  copy->closes = data_->closes;
  copy->has_date = data_->has_date;
  copy->has_server = data_->has_server;
  data_ = std::move(copy);
}

response to_response(const refusal& why) {
  auto answer = response::text(why.status, std::string{why.reason} + '\n');
  if (why.status == 503)
    answer.set_header("Retry-After", "1");
  return answer;
}

} // namespace sake::http
