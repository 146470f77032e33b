#include "request.hpp"

#include "detail/octets.hpp"
#include "uri.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace sake::http {

namespace {

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
  data.begin_head(method, target, 1);
  const auto mark = static_cast<std::uint32_t>(target.find('?'));
  data.path = data.target;
  if (target.find('?') != std::string_view::npos) {
    data.path.size = mark;
    data.query = {data.target.offset + mark + 1, data.target.size - mark - 1};
  }
  for (const field& line : fields) {
    if (!is_token(line.name) || !is_field_value(line.value))
      throw std::invalid_argument("not a field line: " + std::string{line.name});
    data.add_field(line.name, line.value);
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
