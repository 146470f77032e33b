// Fills a value from the events of RapidJSON's reader. For json_reader.cpp only.
#pragma once

#include "../json_error.hpp"
#include "json_type.hpp"

// RapidJSON adds to the null pointer that an empty stack holds; Clang's UBSan would stop there.
#ifdef __clang__
#pragma clang attribute push(__attribute__((no_sanitize("pointer-overflow"))), apply_to = function)
#endif
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#ifdef __clang__
#pragma clang attribute pop
#endif

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sake::http::detail {

/// A handler in RapidJSON's sense that fills a value while the text is parsed. Each event returns
/// whether to go on; if not, `error` says why. Open arrays and objects are on a stack of its own,
/// so that nesting needs no recursion.
class json_builder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, json_builder> {
public:
  /// @param input  the stream from which the reader reads `text`
  json_builder(std::string_view text, const rapidjson::MemoryStream& input, json_target root,
               std::size_t depth_limit, json_error& error);

  bool Null();
  bool Bool(bool value);
  bool RawNumber(const char* digits, rapidjson::SizeType size, bool);
  bool String(const char* octets, rapidjson::SizeType size, bool);
  bool StartObject() { return open(json_kind::object); }
  bool Key(const char* octets, rapidjson::SizeType size, bool);
  bool EndObject(rapidjson::SizeType);
  bool StartArray() { return open(json_kind::array); }
  bool EndArray(rapidjson::SizeType) { return close(); }

  /// Notes an error that the reader found.
  void fail(rapidjson::ParseErrorCode code, std::size_t offset);

private:
  /// An array, map or struct that is open.
  struct frame {
    json_target container;
    /// The target of the current member, and its name: a view of the text.
    json_target member;
    std::string_view name;
    /// A struct: a bit for each member read; the index after the last one.
    std::uint64_t seen = 0;
    std::size_t next_member = 0;
    /// An array: elements begun.
    std::size_t elements = 0;
    bool in_value = false;
  };

  json_target next_value();
  static json_target inside_optionals(json_target target);
  bool open(json_kind kind);
  bool close();
  bool enter_member(frame& object, std::string_view name);
  bool value_read(std::size_t end);
  bool fail(std::size_t offset, std::string reason);
  bool mismatch(json_target target, std::string_view found);
  std::size_t value_offset() const noexcept;
  std::string path() const;

  std::string_view text_;
  const rapidjson::MemoryStream& input_;
  json_target root_;
  std::size_t depth_limit_;
  json_error& error_;
  std::vector<frame> frames_;
  std::size_t depth_ = 0;
  /// Open arrays and objects inside a value that is ignored.
  std::size_t ignored_depth_ = 0;
  /// Where the last event ended in the text.
  std::size_t event_end_ = 0;
};

} // namespace sake::http::detail
