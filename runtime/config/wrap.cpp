#include "wrap.hpp"

namespace sake {

std::string wrap(std::string_view text, std::size_t column, std::size_t indent) {
  std::string result;
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size() < text.size() ? word.size() + 1 : word.size());
    if (!result.empty() && column + 1 + word.size() > terminal_columns) {
      result.append("\n").append(indent, ' ');
      column = indent;
    } else if (!result.empty()) {
      result += ' ';
      ++column;
    }
    result += word;
    column += word.size();
  }
  return result;
}

} // namespace sake
