#include <sake/http/request.hpp>

#include <sake/http/detail/octets.hpp>
#include <sake/http/uri.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace sake::http {

namespace detail {

namespace {
// A pooled request keeps its memory for the next one, but not the memory of an exceptional one.
constexpr std::size_t kept_octets = 4096;
constexpr std::size_t kept_fields = 64;
} // namespace

void request_data::copy_head(const request_data& other) {
  head = other.head;
  method_token = other.method_token;
  target = other.target;
  path = other.path;
  query = other.query;
  fields = other.fields;
  method = other.method;
  minor_version = other.minor_version;
  keep_alive = other.keep_alive;
  expects_continue = other.expects_continue;
}

bool request_data::recycle() noexcept {
  if (head.capacity() > kept_octets || content.capacity() > kept_octets
      || parameter_text.capacity() > kept_octets || fields.capacity() > kept_fields)
    return false;
  head.clear();
  fields.clear();
  content.clear();
  stream.reset();
  parameter_text.clear();
  parameters.clear();
  if (!values.empty())
    values.clear();
  is_cancelled.store(false, std::memory_order_relaxed);
  failure_is_told.store(false, std::memory_order_relaxed);
  peer = {};
  method_token = target = path = query = {};
  method = http::method::get;
  minor_version = 1;
  keep_alive = true;
  expects_continue = false;
  return true;
}

} // namespace detail

namespace {

detail::span append(std::string& text, std::string_view part) {
  detail::span where{static_cast<std::uint32_t>(text.size()),
                     static_cast<std::uint32_t>(part.size())};
  text += part;
  return where;
}

bool is_origin_form(std::string_view target) noexcept {
  if (target.empty() || target.front() != '/')
    return false;
  return std::all_of(target.begin(), target.end(), detail::is_uri_octet);
}

} // namespace

request request::make(std::string_view method, std::string_view target,
                      std::initializer_list<field> fields, std::string content) {
  return make(method, target, std::vector<field>{fields}, std::move(content));
}

request request::make(std::string_view method, std::string_view target,
                      const std::vector<field>& fields, std::string content) {
  if (!is_token(method))
    throw std::invalid_argument("request method is not a token: " + std::string{method});
  if (!is_origin_form(target))
    throw std::invalid_argument("request target is not an absolute path: " + std::string{target});
  request result;
  auto& data = result.data();
  data.method = to_method(method);
  data.method_token = append(data.head, method);
  data.head += ' ';
  data.target = append(data.head, target);
  const auto mark = static_cast<std::uint32_t>(target.find('?'));
  data.path = data.target;
  if (target.find('?') != std::string_view::npos) {
    data.path.size = mark;
    data.query = {data.target.offset + mark + 1, data.target.size - mark - 1};
  }
  data.head += " HTTP/1.1\r\n";
  for (const field& line : fields) {
    if (!is_token(line.name) || !is_field_value(line.value))
      throw std::invalid_argument("not a field line: " + std::string{line.name});
    detail::named_span where;
    where.name = append(data.head, line.name);
    data.head += ": ";
    where.value = append(data.head, line.value);
    data.head += "\r\n";
    data.fields.push_back(where);
    if (iequals(line.name, "connection") && has_list_element(line.value, "close"))
      data.keep_alive = false;
  }
  data.content = std::move(content);
  return result;
}

field request::field_at(std::size_t i) const noexcept {
  const auto& where = data_->fields[i];
  return {where.name.in(data_->head), where.value.in(data_->head)};
}

std::string_view request::header(std::string_view name) const noexcept {
  for (const auto& where : data_->fields)
    if (where.name.size == name.size() && iequals(where.name.in(data_->head), name))
      return where.value.in(data_->head);
  return {};
}

bool request::has_header(std::string_view name) const noexcept {
  for (const auto& where : data_->fields)
    if (iequals(where.name.in(data_->head), name))
      return true;
  return false;
}

std::string_view request::param(std::string_view name) const noexcept {
  for (const auto& where : data_->parameters)
    if (where.name.in(data_->parameter_text) == name)
      return where.value.in(data_->parameter_text);
  return {};
}

std::string request::query(std::string_view name) const {
  return query_value(query(), name).value_or("");
}

void request::unshare() {
  auto copy = detail::handle<detail::request_data>::make();
  copy->copy_head(*data_);
  copy->content = data_->content;
  copy->stream = data_->stream;
  copy->parameter_text = data_->parameter_text;
  copy->parameters = data_->parameters;
  copy->values = data_->values;
  copy->peer = data_->peer;
  data_ = std::move(copy);
}

} // namespace sake::http
