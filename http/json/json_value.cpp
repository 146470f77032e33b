#include "json_value.hpp"

namespace sake::http {

void write_json(json_writer& out, json_object members) {
  out.begin_object();
  for (const json_member& member : members) {
    out.key(member.key);
    write_json(out, member.value);
  }
  out.end_object();
}

void write_json(json_writer& out, json_array array) {
  out.begin_array();
  for (const json_value& element : array.elements)
    write_json(out, element);
  out.end_array();
}

void write_json(json_writer& out, const json_value& value) {
  using kind = json_value::kind;
  switch (value.kind_) {
    case kind::null:
      return out.null();
    case kind::boolean:
      return out.boolean(value.boolean_);
    case kind::int64:
      return out.int64(value.int64_);
    case kind::uint64:
      return out.uint64(value.uint64_);
    case kind::real:
      return out.real(value.real_);
    case kind::string:
      return out.string(value.string_);
    case kind::object:
      return write_json(out, value.object_);
    case kind::array:
      return write_json(out, value.array_);
    case kind::reference:
      return value.reference_.write(out, value.reference_.object);
  }
}

} // namespace sake::http
