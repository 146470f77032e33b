// A response with JSON as its content, while it is written.
#pragma once

#include "../../http/json/json_writer.hpp"
#include "../../http/response.hpp"

#include <string>
#include <utility>

namespace sake::routing::detail {

/// A response with JSON as its content, while it is written. What is written may be views of the
/// response before. Must not outlive the response.
class json_answer {
public:
  /// @throws std::invalid_argument as response::status
  json_answer(http::response& to, int code)
      : response_(to.status(code)), text_(target()), writer_(*text_) {}

  [[nodiscard]] http::json_writer& writer() noexcept { return writer_; }

  /// The JSON is complete. Returns true.
  bool finish() {
    if (text_ == &other_)
      response_.content(std::move(other_));
    response_.content_type_line(http::content_types::json);
    return true;
  }

private:
  // Writes where the content belongs, unless there is some.
  [[nodiscard]] std::string* target() {
    const auto& now = std::as_const(response_).data();
    return now.content.empty() && now.uncopied == nullptr ? &response_.data().content : &other_;
  }

  http::response& response_;
  std::string other_;
  std::string* text_;
  http::json_writer writer_;
};

} // namespace sake::routing::detail
