#include <sake/actors/content_collector.hpp>

#include <sake/actors/messages.hpp>

#include <memory>
#include <utility>

namespace sake::actors {

namespace {

struct collector {
  caf::mailbox_element_ptr message;
  caf::strong_actor_ptr handler;
  caf::execution_unit& here;

  // False while more is to come.
  bool read() {
    auto& data = message->content().get_mutable_as<http::request>(0).data();
    data.content += data.stream->take();
    switch (data.stream->status()) {
      case http::content_stream::state::open:
        return false;
      case http::content_stream::state::failed:
        message.reset();
        return true;
      case http::content_stream::state::complete:
        data.stream.reset();
        handler->enqueue(std::move(message), &here);
    }
    return true;
  }
};

} // namespace

void collect_content(caf::mailbox_element_ptr message, caf::strong_actor_ptr handler,
                     caf::execution_unit& here) {
  const auto stream = message->content().get_mutable_as<http::request>(0).data().stream;
  const auto reading =
      std::make_shared<collector>(collector{std::move(message), std::move(handler), here});
  if (!reading->read())
    stream->on_readable([reading] { reading->read(); });
}

} // namespace sake::actors
