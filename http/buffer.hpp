// A growable run of octets that is filled at the end and consumed at the front.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace sake::http {

/// A growable run of octets that is filled at the end and consumed at the front. Unlike a string,
/// it neither initialises reserved octets nor ends in NUL. Not thread-safe.
class buffer {
public:
  buffer() noexcept = default;

  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
  [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] char* data() noexcept { return data_.get() + begin_; }
  [[nodiscard]] const char* data() const noexcept { return data_.get() + begin_; }
  [[nodiscard]] std::string_view view() const noexcept { return {data_.get() + begin_, size()}; }

  /// Makes room for `n` more octets and returns its start; `commit` makes them part of the buffer.
  /// Invalidates views when it has to move the octets.
  char* prepare(std::size_t n) {
    if (capacity_ - end_ < n)
      grow(n);
    return data_.get() + end_;
  }

  /// Octets that `prepare` can provide without moving anything.
  [[nodiscard]] std::size_t room() const noexcept { return capacity_ - end_; }

  void commit(std::size_t n) noexcept { end_ += n; }

  void append(std::string_view octets) {
    if (octets.empty())
      return;
    std::memcpy(prepare(octets.size()), octets.data(), octets.size());
    end_ += octets.size();
  }

  void consume(std::size_t n) noexcept {
    begin_ += n;
    if (begin_ == end_)
      begin_ = end_ = 0;
  }

  void clear() noexcept { begin_ = end_ = 0; }

  /// Frees the memory.
  void release() noexcept {
    data_.reset();
    begin_ = end_ = capacity_ = 0;
  }

private:
  void grow(std::size_t n) {
    const std::size_t used = size();
    if (capacity_ - used >= n && begin_ >= used) {
      std::memcpy(data_.get(), data_.get() + begin_, used);
    } else {
      std::size_t wanted = capacity_ < 512 ? 1024 : capacity_ * 2;
      if (wanted < used + n)
        wanted = used + n;
      std::unique_ptr<char[]> bigger{new char[wanted]};
      if (used != 0)
        std::memcpy(bigger.get(), data_.get() + begin_, used);
      data_ = std::move(bigger);
      capacity_ = wanted;
    }
    begin_ = 0;
    end_ = used;
  }

  std::unique_ptr<char[]> data_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t capacity_ = 0;
};

} // namespace sake::http
