#include "link_scribe.hpp"

#include <caf/io/middleman.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/native_socket.hpp>
#include <caf/io/network/rw_state.hpp>
#include <caf/io/network/stream_impl.hpp>
#include <caf/make_counted.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sake::actors::nodes {

namespace {

using caf::io::network::native_socket;
using caf::io::network::rw_state;

/// What a stream of CAF asks to read and write. No octets in success mean "later" there.
class channel_policy {
public:
  explicit channel_policy(link_channel* channel) noexcept : channel_(channel) {}

  rw_state read_some(std::size_t& n, native_socket, void* to, std::size_t size) noexcept {
    return state_of(channel_->read_guarded(static_cast<char*>(to), size), n);
  }
  rw_state write_some(std::size_t& n, native_socket, const void* from, std::size_t size) noexcept {
    n = 0;
    if (size == 0)
      return rw_state::indeterminate;
    return state_of(channel_->write_guarded(static_cast<const char*>(from), size), n);
  }
  /// Epoll does not report what TLS has read already.
  [[nodiscard]] bool must_read_more(native_socket, std::size_t wanted) const noexcept {
    return channel_->pending() >= wanted && wanted > 0;
  }

private:
  static rw_state state_of(link_io result, std::size_t& n) noexcept {
    n = result.octets;
    return result.what == link_io::outcome::ended ? rw_state::failure : rw_state::success;
  }

  link_channel* channel_;
};

class link_scribe final : public caf::io::scribe {
public:
  link_scribe(caf::io::network::default_multiplexer& backend, int socket,
              std::unique_ptr<link_channel> channel)
      : caf::io::scribe(caf::io::network::conn_hdl_from_socket(socket)),
        channel_(std::move(channel)),
        stream_(backend, socket, channel_.get()) {}

  void configure_read(caf::io::receive_policy::config config) override {
    stream_.configure_read(config);
    if (!std::exchange(is_started_, true))
      stream_.start(this);
  }
  void ack_writes(bool enable) override { stream_.ack_writes(enable); }
  std::vector<char>& wr_buf() override { return stream_.wr_buf(); }
  std::vector<char>& rd_buf() override { return stream_.rd_buf(); }
  void flush() override { stream_.flush(this); }
  // For CAF's reports only.
  std::string addr() const override { return {}; }
  std::uint16_t port() const override { return 0; }
  void add_to_loop() override { stream_.activate(this); }
  void remove_from_loop() override { stream_.passivate(); }

  // A peer that never closes its side must not keep the descriptor.
  void graceful_shutdown() override {
    channel_->end({});
    detach(&stream_.backend(), false);
  }

private:
  bool is_started_ = false;
  std::unique_ptr<link_channel> channel_;
  // Before the channel: closes the socket.
  caf::io::network::stream_impl<channel_policy> stream_;
};

} // namespace

caf::io::scribe_ptr make_link_scribe(caf::actor_system& system,
                                     std::unique_ptr<link_channel> channel,
                                     std::shared_ptr<link_channel::observer> observer) {
  const int socket = channel->hand_over(std::move(observer));
  auto& backend = static_cast<caf::io::network::default_multiplexer&>(system.middleman().backend());
  return caf::make_counted<link_scribe>(backend, socket, std::move(channel));
}

} // namespace sake::actors::nodes
