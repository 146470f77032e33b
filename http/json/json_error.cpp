#include "json_error.hpp"

namespace sake::http {

std::string json_error::message() const {
  return (path.empty() ? "" : path + ": ") + reason + " (octet " + std::to_string(offset) + ')';
}

std::string json_error::refusal() const {
  return "content is not the JSON expected: " + message() + '\n';
}

} // namespace sake::http
