// How an exchange waits for the content of its request, for layers that take it whole.

#include <sake/actors/exchange.hpp>
#include <sake/http/content_stream.hpp>

#include <memory>
#include <string>
#include <utility>

namespace sake::actors {

namespace {

// As in `http1_protocol`: the client has gone.
constexpr int client_gone = 499;

} // namespace

/// Content that is still arriving, for layers that take it whole. Nothing of it is taken, and no
/// 100 Continue is sent, before a layer waits for it.
struct exchange::arriving_content {
  std::shared_ptr<http::content_stream> stream;
  std::string octets;
  bool is_awaited = false;
  bool is_complete = false;
};

exchange::exchange() = default;
exchange::~exchange() = default;

bool exchange::awaits_content() const noexcept {
  return content_ != nullptr;
}

void exchange::take_over_content() {
  content_ = std::make_unique<arriving_content>();
  content_->stream = std::exchange(request_.data().stream, {});
}

// The layer at work waits for the content.
void exchange::listen_to_content() {
  content_->is_awaited = true;
  content_->stream->on_readable([this, keep = pointer{this}] { content_came(); });
  content_came();
}

// The content moves into the request. Views of a request that others hold as well stay valid, as
// the request that they saw is kept.
bool exchange::content_is_whole() {
  if (!content_->is_awaited || !content_->is_complete)
    return false;
  if (request_.is_shared())
    seen_before_ = request_;
  request_.data().content = std::move(content_->octets);
  content_.reset();
  return true;
}

void exchange::content_came() {
  if (content_ == nullptr || content_->is_complete)
    return;
  const auto stream = content_->stream;
  content_->octets += stream->take();
  switch (stream->status()) {
    case http::content_stream::state::open:
      break;
    case http::content_stream::state::failed:
      end_where_it_waits(client_gone);
      break;
    case http::content_stream::state::complete:
      content_->is_complete = true;
      stream->on_readable({});
      if (take_turn())
        go_home();
      break;
  }
}

void exchange::call_off_content() noexcept {
  const auto called_off = std::move(content_);
  called_off->stream->on_readable({});
}

} // namespace sake::actors
