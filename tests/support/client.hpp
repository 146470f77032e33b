// A client over a blocking socket that sends exactly the given octets.
#pragma once

#include "wire.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sake::test {

/// One response as a client reads it.
struct answer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string content;
  /// Everything before the content, unchanged.
  std::string head;

  /// The value of the first field of that name, compared without case; empty if there is none.
  [[nodiscard]] std::string_view field(std::string_view name) const noexcept;
  /// Whether the response announces that its connection ends.
  [[nodiscard]] bool closes() const noexcept { return field("Connection") == "close"; }
  /// The response without its Date line, to compare two responses.
  [[nodiscard]] std::string without_date() const;
};

/// Thrown when the connection ends inside a response.
struct truncated : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A client over a blocking socket. Waits at most 90 seconds for the server, so that a hanging test
/// ends; then, and when the connection fails, throws `std::runtime_error`.
class client {
public:
  /// Connects to a TCP port of this machine.
  explicit client(std::uint16_t port, const std::string& host = "127.0.0.1");
  /// Connects to a Unix socket.
  static client on_path(const std::string& path);
  /// Whether a listener accepts connections on `port`.
  static bool can_connect(std::uint16_t port);

  client(client&& other) noexcept;
  client& operator=(client&& other) noexcept;
  ~client();

  // -- sending --------------------------------------------------------------------

  void send(std::string_view octets);
  /// Sends octets that TCP marks as urgent.
  void send_urgent(std::string_view octets);
  /// As `send`, in pieces of `size` octets that arrive one by one.
  void send_in_pieces(std::string_view octets, std::size_t size);
  /// Sends until the server has taken no octet for `patience`, or has closed.
  /// @returns the octets that were sent
  std::size_t send_what_goes(std::string_view octets, std::chrono::milliseconds patience);
  /// Ends the sending side of the connection.
  void half_close();

  // -- reading --------------------------------------------------------------------

  /// Reads one response.
  ///
  /// @param to_head  the request was HEAD: no content follows
  answer read(bool to_head = false);
  /// Sends a request and reads its response.
  answer ask(std::string_view octets);
  /// Reads until the server has closed in order.
  /// @returns the octets received until then
  std::string read_to_end();
  /// Reads at most `size` octets, as a slow reader does; returns none once the server has closed.
  std::string read_some(std::size_t size);
  /// Waits until the connection has ended, in order or not, and discards the octets received until
  /// then.
  void await_end();
  /// Waits, without reading, until the server has reset the connection.
  void await_reset();
  /// Whether the connection stays open for `patience` and no octet arrives.
  [[nodiscard]] bool hears_nothing(std::chrono::milliseconds patience);

  // -- closing ----------------------------------------------------------------------

  void close() noexcept;
  /// Ends the connection by a reset.
  void reset() noexcept;

  /// Shrinks the buffers of the socket, so that few octets are in flight.
  void shrink_buffers();

private:
  client() = default;
  bool fill();

  int socket_ = -1;
  std::string received_;
};

/// A request in its wire form, for methods without a function such as `get` and `post`.
///
/// @param fields  lines besides Host, each with its ending
std::string to_send(std::string_view method, std::string_view target, std::string_view fields = {},
                    std::string_view content = {});
/// `octets` as one chunk of the chunked transfer coding.
std::string chunk(std::string_view octets);

} // namespace sake::test
