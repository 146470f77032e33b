// The baseline of every figure: one thread, Beast's own request_parser, no router.
//
// It is as fast as a comparable server with Asio and Beast alone can be. It takes all complete
// requests from the input, renders their responses into one string and writes that string once. Of
// the ways to wait for input, `async_read_some` cost the least CPU time here: less than
// `async_wait` with a non-blocking read, which changes the epoll set before every wait.

#include "common/flags.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <charconv>
#include <cstddef>
#include <ctime>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

using boost::system::error_code;
using tcp = asio::ip::tcp;
using executor = asio::io_context::executor_type;
using tcp_socket = asio::basic_stream_socket<tcp, executor>;
using tcp_acceptor = asio::basic_socket_acceptor<tcp, executor>;
using request = http::request<http::string_body>;
using request_parser = http::request_parser<http::string_body>;

namespace {

constexpr auto usage = "--port N";

/// Renders responses into one string; the Date field is formatted once a second.
class response_writer {
public:
  void start_batch() {
    out_.clear();
    auto now = std::time(nullptr);
    if (now == rendered_at_)
      return;
    rendered_at_ = now;
    std::tm utc{};
    gmtime_r(&now, &utc);
    std::array<char, 48> date{};
    auto size = std::strftime(date.data(), date.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
    date_line_ = "Date: ";
    date_line_.append(date.data(), size).append("\r\nContent-Type: ");
    ok_head_ = "HTTP/1.1 200 OK\r\n" + date_line_;
  }

  void answer(const request& req) {
    if (req.target() == "/plaintext")
      append(ok_head_, "text/plain", "Hello, World!");
    else if (req.target() == "/json")
      append(ok_head_, "application/json", R"({"message":"Hello, World!"})");
    else
      append("HTTP/1.1 404 Not Found\r\n" + date_line_, "text/plain", "not found");
  }

  const std::string& batch() const { return out_; }

private:
  void append(std::string_view head, std::string_view type, std::string_view content) {
    std::array<char, 20> digits;
    auto end = std::to_chars(digits.data(), digits.data() + digits.size(), content.size()).ptr;
    out_.append(head).append(type).append("\r\nContent-Length: ");
    out_.append(digits.data(), end).append("\r\n\r\n").append(content);
  }

  std::string out_;
  std::string ok_head_;
  std::string date_line_;
  std::time_t rendered_at_ = 0;
};

/// One socket. Exactly one pending operation owns the session; it ends when no operation is
/// started.
class session {
public:
  using pointer = std::unique_ptr<session>;

  session(tcp_socket socket, response_writer& writer)
      : socket_(std::move(socket)), writer_(writer) {
    error_code ignored; // the first read notices a peer that has left
    socket_.set_option(tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);
  }

  static void read(pointer self) {
    auto& socket = self->socket_;
    auto room = self->in_.prepare(8192);
    socket.async_read_some(room, [self = std::move(self)](error_code ec, std::size_t size) mutable {
      if (ec)
        return;
      self->in_.commit(size);
      if (self->answer_all())
        write(std::move(self));
    });
  }

private:
  /// Parses and answers every complete request in the buffer; false on a malformed one.
  bool answer_all() {
    writer_.start_batch();
    while (in_.size() > 0 && keep_alive_) {
      if (!parser_)
        parser_.emplace().eager(true);
      error_code ec;
      in_.consume(parser_->put(in_.data(), ec));
      if (ec == http::error::need_more)
        return true;
      if (ec)
        return false;
      if (parser_->is_done()) {
        keep_alive_ = parser_->get().keep_alive();
        writer_.answer(parser_->get());
        parser_.reset();
      }
    }
    return true;
  }

  static void write(pointer self) {
    const auto& batch = self->writer_.batch();
    error_code ec;
    auto sent = batch.empty() ? 0 : self->socket_.write_some(asio::buffer(batch), ec);
    if (ec && ec != asio::error::would_block)
      return;
    if (sent < batch.size())
      write_rest(std::move(self), batch.substr(sent));
    else if (self->keep_alive_)
      read(std::move(self));
  }

  static void write_rest(pointer self, std::string rest) {
    self->unsent_ = std::move(rest);
    auto& socket = self->socket_;
    auto unsent = asio::buffer(self->unsent_);
    asio::async_write(socket, unsent, [self = std::move(self)](error_code ec, std::size_t) mutable {
      if (!ec && self->keep_alive_)
        read(std::move(self));
    });
  }

  tcp_socket socket_;
  response_writer& writer_;
  beast::flat_buffer in_;
  std::optional<request_parser> parser_;
  std::string unsent_;
  bool keep_alive_ = true;
};

void accept(tcp_acceptor& acceptor, response_writer& writer) {
  acceptor.async_accept([&](error_code ec, tcp_socket socket) {
    if (!ec)
      session::read(std::make_unique<session>(std::move(socket), writer));
    accept(acceptor, writer);
  });
}

} // namespace

int main(int argc, char** argv) {
  return sake::bench::run_program("sake-bench-raw-beast", usage, [&] {
    auto port = sake::bench::flags{argc, argv, {"--port"}}.port();
    asio::io_context io{1};
    tcp_acceptor acceptor{io, {asio::ip::address_v4::loopback(), port}};
    response_writer writer;
    accept(acceptor, writer);
    std::cout << "raw_beast listens on http://127.0.0.1:" << port << std::endl;
    io.run();
    return 0;
  });
}
