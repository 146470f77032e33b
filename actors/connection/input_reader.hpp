// Reads the input of one connection.
#pragma once

#include "../../http/buffer.hpp"
#include "../reactor/reactor.hpp"
#include "transport.hpp"

#include <memory>
#include <span>
#include <string_view>

namespace sake::actors {

/// Reads the input of one connection from its transport, and keeps what could not be decoded at
/// once. The octets of a turn lie in the reactor's buffer, which all its connections share one
/// after the other; only a rest is copied, and is the connection's own. Belongs to one reactor.
class input_reader {
public:
  /// All arguments must outlive the reader.
  input_reader(reactor& home, transport& from) noexcept : home_(home), transport_(from) {}
  input_reader(const input_reader&) = delete;
  input_reader& operator=(const input_reader&) = delete;
  ~input_reader();

  /// Whether there is a rest.
  [[nodiscard]] bool has_rest() const noexcept {
    return rest_ != nullptr && !rest_->octets.empty();
  }

  /// Reads once, behind the rest if there is one.
  /// @param input  all octets that are not decoded, if octets came: valid until the turn ends, or
  ///               until the next call of a function that is not const
  [[nodiscard]] io_result read(std::string_view& input);

  /// Reads once into `memory`. There must be no rest.
  [[nodiscard]] io_result read_into(std::span<char> memory) noexcept {
    return transport_.read(memory.data(), memory.size());
  }
  /// Copies `octets`, which lie in memory that may go, to where `read` puts its input.
  [[nodiscard]] std::string_view copy(std::string_view octets) noexcept;

  /// Returns the rest.
  [[nodiscard]] std::string_view rest() const noexcept {
    return has_rest() ? rest_->octets.view() : std::string_view{};
  }
  /// Makes `input` the rest: the end of what `read` or `rest` gave.
  void keep(std::string_view input);
  /// Drops the rest.
  void drop() noexcept;
  /// Gives memory back if there is no rest.
  void release() noexcept;

private:
  struct rest_of_input {
    http::buffer octets;
    rest_of_input* next_free = nullptr;
  };

  reactor& home_;
  transport& transport_;
  std::unique_ptr<rest_of_input> rest_;
};

} // namespace sake::actors
