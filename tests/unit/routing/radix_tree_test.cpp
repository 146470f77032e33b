#include "../../support/catch.hpp"

#include <sake/routing/path_pattern.hpp>
#include <sake/routing/radix_tree.hpp>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using sake::routing::path_pattern;
using sake::routing::radix_tree;
using kind = path_pattern::kind;

namespace {

path_pattern pattern(const std::string& text) {
  auto parsed = path_pattern::parse(text);
  REQUIRE(parsed.has_value());
  return *parsed;
}

// A tree that finds patterns by their text.
class pattern_tree {
public:
  explicit pattern_tree(const std::vector<std::string>& texts) {
    for (const auto& text : texts)
      patterns_.push_back(pattern(text));
    std::sort(patterns_.begin(), patterns_.end(),
              [](const auto& a, const auto& b) { return a.shape() < b.shape(); });
    std::vector<std::string> shapes;
    for (const auto& each : patterns_)
      shapes.push_back(each.shape());
    tree_.emplace_back(shapes);
  }

  // Every pattern that matches, in the order of the search.
  std::vector<std::string> all(std::string_view path) const {
    std::vector<std::string> found;
    tree_.front().search(path, [&](radix_tree::leaf leaf) {
      found.push_back(patterns_[leaf].text());
      return false;
    });
    return found;
  }

  std::string first(std::string_view path) const {
    std::string found = "nothing";
    tree_.front().search(path, [&](radix_tree::leaf leaf) {
      found = patterns_[leaf].text();
      return true;
    });
    return found;
  }

  std::string literal(std::string_view path) const {
    const auto leaf = tree_.front().literal(path);
    return leaf == radix_tree::no_leaf ? "nothing" : patterns_[leaf].text();
  }

private:
  std::vector<path_pattern> patterns_;
  std::vector<radix_tree> tree_;
};

// -- the meaning of a pattern, without regard to cost -------------------------------

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    path.remove_prefix(1);
    segments.emplace_back(path.substr(0, path.find('/')));
    path.remove_prefix(segments.back().size());
  }
  return segments;
}

bool matches(const path_pattern& pattern, std::string_view path) {
  const auto segments = split(path);
  const auto& wanted = pattern.segments();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (i == segments.size())
      return false;
    if (wanted[i].kind == kind::wildcard)
      return i + 1 < segments.size() || !segments[i].empty();
    if (wanted[i].kind == kind::parameter ? segments[i].empty() : segments[i] != wanted[i].text)
      return false;
  }
  return wanted.size() == segments.size();
}

bool is_more_specific(const path_pattern& a, const path_pattern& b) {
  return std::lexicographical_compare(a.segments().begin(), a.segments().end(),
                                      b.segments().begin(), b.segments().end(),
                                      [](const auto& x, const auto& y) { return x.kind < y.kind; });
}

std::vector<std::string> model_of_all(std::vector<path_pattern> patterns, std::string_view path) {
  std::erase_if(patterns, [&](const auto& each) { return !matches(each, path); });
  std::sort(patterns.begin(), patterns.end(), is_more_specific);
  std::vector<std::string> texts;
  for (const auto& each : patterns)
    texts.push_back(each.text());
  return texts;
}

class dice {
public:
  explicit dice(unsigned seed) : engine_(seed) {}
  std::size_t below(std::size_t limit) { return engine_() % limit; }
  template <class T>
  const T& any_of(const std::vector<T>& choices) {
    return choices[below(choices.size())];
  }

private:
  std::mt19937 engine_;
};

const std::vector<std::string> literals{"a",        "b",  "ab", "abc", "abcdefgh",
                                        "abcdefgi", "ac", "",   "-"};

std::string random_pattern(dice& dice) {
  std::string text;
  for (std::size_t depth = dice.below(5) + 1; depth != 0; --depth) {
    text += '/';
    const auto what = dice.below(10);
    if (what < 3) {
      text += ":p" + std::to_string(depth);
    } else if (what == 3) {
      return text + "*rest";
    } else {
      text += dice.any_of(literals);
    }
  }
  return text;
}

std::string random_path(dice& dice) {
  static const std::vector<std::string> others{"x", "abcdefg", "abcdefghi"};
  std::string text;
  for (std::size_t depth = dice.below(6) + 1; depth != 0; --depth)
    text += '/' + (dice.below(5) == 0 ? dice.any_of(others) : dice.any_of(literals));
  return text;
}

} // namespace

TEST_CASE("an empty tree matches nothing", "[routing][tree]") {
  const pattern_tree tree({});
  CHECK(tree.first("/") == "nothing");
  CHECK(tree.first("") == "nothing");
  CHECK(tree.first({}) == "nothing");
  CHECK(tree.literal("/") == "nothing");
  CHECK(tree.literal({}) == "nothing");
}

TEST_CASE("a literal matches its own octets and no others", "[routing][tree]") {
  const pattern_tree tree({"/", "/users", "/users/", "/use", "/caf%C3%A9", "/a//b"});
  CHECK(tree.first("/") == "/");
  CHECK(tree.first("/users") == "/users");
  CHECK(tree.first("/users/") == "/users/");
  CHECK(tree.first("/use") == "/use");
  CHECK(tree.first("/caf%C3%A9") == "/caf%C3%A9");
  CHECK(tree.first("/a//b") == "/a//b");
  for (auto path : {"", "users", "/u", "/user", "/userss", "/Users", "/users//", "//", "/caf%c3%a9",
                    "/a/b", "/a///b", "*"})
    CHECK(tree.first(path) == "nothing");
}

TEST_CASE("a parameter matches one whole non-empty segment", "[routing][tree]") {
  const pattern_tree tree({"/users/:id", "/users/:id/posts"});
  CHECK(tree.first("/users/7") == "/users/:id");
  CHECK(tree.first("/users/%2F") == "/users/:id");
  CHECK(tree.first("/users/7/posts") == "/users/:id/posts");
  for (auto path : {"/users", "/users/", "/users//", "/users/7/", "/users//posts", "/users/7/8"})
    CHECK(tree.first(path) == "nothing");
}

TEST_CASE("a wildcard matches the whole non-empty rest", "[routing][tree]") {
  const pattern_tree tree({"/files/*path"});
  for (auto path : {"/files/a", "/files/a/b", "/files/a/", "/files//", "/files//a"})
    CHECK(tree.first(path) == "/files/*path");
  for (auto path : {"/files", "/files/", "/file/a"})
    CHECK(tree.first(path) == "nothing");
}

TEST_CASE("a literal comes before a parameter, a parameter before a wildcard", "[routing][tree]") {
  const pattern_tree tree({"/a/*rest", "/a/:x", "/a/b", "/*all", "/a/:x/c", "/a/b/:y"});
  CHECK(tree.all("/a/b") == std::vector<std::string>{"/a/b", "/a/:x", "/a/*rest", "/*all"});
  CHECK(tree.all("/a/b/c") == std::vector<std::string>{"/a/b/:y", "/a/:x/c", "/a/*rest", "/*all"});
  CHECK(tree.all("/a/z") == std::vector<std::string>{"/a/:x", "/a/*rest", "/*all"});
  CHECK(tree.all("/a/z/c") == std::vector<std::string>{"/a/:x/c", "/a/*rest", "/*all"});
  CHECK(tree.all("/b") == std::vector<std::string>{"/*all"});
}

TEST_CASE("a search that fails below a literal goes back to the parameter", "[routing][tree]") {
  const pattern_tree tree({"/a/b/c/d", "/a/:x/c/e", "/:w/b/c/f", "/:w/:x/*rest"});
  CHECK(tree.first("/a/b/c/d") == "/a/b/c/d");
  CHECK(tree.first("/a/b/c/e") == "/a/:x/c/e");
  CHECK(tree.first("/a/b/c/f") == "/:w/b/c/f");
  CHECK(tree.first("/a/b/c/g") == "/:w/:x/*rest");
  CHECK(tree.first("/a/b") == "nothing");
}

TEST_CASE("a literal that is a prefix of another does not hide a parameter", "[routing][tree]") {
  const pattern_tree tree({"/users/new", "/users/news", "/users/:id"});
  CHECK(tree.first("/users/new") == "/users/new");
  CHECK(tree.first("/users/ne") == "/users/:id");
  CHECK(tree.first("/users/newt") == "/users/:id");
  CHECK(tree.first("/users/newss") == "/users/:id");
}

TEST_CASE("the hash finds exactly the shapes without parameters", "[routing][tree]") {
  std::vector<std::string> texts{"/:x", "/*all"};
  std::string text = "/";
  for (int size = 1; size <= 200; ++size) {
    texts.push_back(text);
    text += static_cast<char>('a' + size % 26);
  }
  const pattern_tree tree(texts);
  for (std::size_t i = 2; i < texts.size(); ++i) {
    CHECK(tree.literal(texts[i]) == texts[i]);
    CHECK(tree.first(texts[i]) == texts[i]);
    auto other = texts[i];
    other.back() ^= 1;
    CHECK(tree.literal(other) == "nothing");
    CHECK(tree.literal(texts[i] + '-') == "nothing");
  }
  CHECK(tree.literal("/:x") == "nothing");
  CHECK(tree.literal(std::string{'/', path_pattern::parameter_mark}) == "nothing");
  CHECK(tree.literal("") == "nothing");
}

TEST_CASE("literals of any length are compared in every octet", "[routing][tree]") {
  const auto size = GENERATE(range(std::size_t{2}, std::size_t{42}));
  const std::string text = '/' + std::string(size - 1, 'a');
  const pattern_tree alone({text});
  const pattern_tree below({"/:x" + text});
  CHECK(alone.literal(text) == text);
  CHECK(alone.first(text) == text);
  CHECK(below.first("/a" + text) == "/:x" + text);
  std::size_t mistaken = 0;
  for (std::size_t i = 1; i < size; ++i) {
    auto other = text;
    other[i] = 'b';
    mistaken += alone.literal(other) != "nothing";
    mistaken += alone.first(other) != "nothing";
    mistaken += below.first("/a" + other) != "nothing";
  }
  CHECK(mistaken == 0);
}

TEST_CASE("the octets that mark parameters in a shape are ordinary octets in a path",
          "[routing][tree]") {
  const pattern_tree tree({"/a/:x/b", "/a/*rest"});
  const std::string mark{path_pattern::parameter_mark};
  CHECK(tree.first("/a/" + mark + "/b") == "/a/:x/b");
  CHECK(tree.first("/a" + mark) == "nothing");
  CHECK(tree.first(mark + "a/x/b") == "nothing");
}

TEST_CASE("a search agrees with the definition of the patterns for random patterns and paths",
          "[routing][tree][property]") {
  const auto seed = GENERATE(range(1U, 41U));
  dice dice(seed);
  std::set<std::string> shapes;
  std::vector<path_pattern> patterns;
  std::vector<std::string> texts;
  for (int i = 0; i < 60; ++i) {
    auto added = pattern(random_pattern(dice));
    if (shapes.insert(added.shape()).second) {
      texts.push_back(added.text());
      patterns.push_back(std::move(added));
    }
  }
  const pattern_tree tree(texts);
  std::size_t wrong = 0;
  std::size_t found = 0;
  for (int i = 0; i < 500; ++i) {
    const auto path = random_path(dice);
    const auto expected = model_of_all(patterns, path);
    found += expected.size();
    const auto is_literal = std::find(texts.begin(), texts.end(), path) != texts.end();
    if (tree.all(path) != expected
        || tree.first(path) != (expected.empty() ? "nothing" : expected[0])
        || tree.literal(path) != (is_literal ? path : "nothing")) {
      ++wrong;
      UNSCOPED_INFO("seed " << seed << " path " << path);
    }
  }
  CHECK(wrong == 0);
  CHECK(found > 500);
}

TEST_CASE("a search visits no leaf twice, however often it backtracks", "[routing][tree]") {
  // Every mix of a literal and a parameter over ten segments: 1024 patterns that all match.
  constexpr unsigned depth = 10;
  std::vector<std::string> texts;
  for (unsigned mix = 0; mix < 1U << depth; ++mix) {
    std::string text;
    for (unsigned i = 0; i < depth; ++i)
      text += (mix >> i & 1U) != 0 ? "/a" : "/:p" + std::to_string(i);
    texts.push_back(text);
  }
  const pattern_tree tree(texts);
  std::string path;
  for (unsigned i = 0; i < depth; ++i)
    path += "/a";
  auto found = tree.all(path);
  CHECK(found.size() == texts.size());
  CHECK(found.front() == path);
  std::sort(found.begin(), found.end());
  CHECK(std::adjacent_find(found.begin(), found.end()) == found.end());
  CHECK(tree.all(path + "/a").empty());
}

TEST_CASE("long paths and deep patterns are searched to the end", "[routing][tree]") {
  // If branches of the tree joined again, each segment would double the work, and this test would
  // not end.
  std::string parameters;
  std::string staircase;
  std::vector<std::string> texts{"/:p0/*rest"};
  for (int i = 0; i < 200; ++i) {
    parameters += "/:p" + std::to_string(i);
    staircase += i % 2 != 0 ? "/a" : "/:p" + std::to_string(i);
    texts.push_back(parameters + "/x");
    texts.push_back(staircase + "/y");
  }
  const pattern_tree tree(texts);
  std::string path;
  for (int i = 0; i < 200; ++i)
    path += "/a";
  CHECK(tree.first(path + "/x") == parameters + "/x");
  CHECK(tree.first(path + "/y") == staircase + "/y");
  CHECK(tree.all(path + "/z") == std::vector<std::string>{"/:p0/*rest"});
  CHECK(tree.all(path + path + "/x") == std::vector<std::string>{"/:p0/*rest"});
  CHECK(tree.first(std::string(8192, '/')) == "nothing");
  CHECK(tree.first("/a" + std::string(8190, '/')) == "/:p0/*rest");
  CHECK(tree.first('/' + std::string(8191, 'a')) == "nothing");
}
