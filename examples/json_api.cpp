// A JSON service: an actor keeps notes, and coroutines ask it for them.
#include <sake/actors.hpp>
#include <sake/sake.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
// [draft]
/// The content of a request.
struct draft {
  std::string title;
  std::optional<std::string> text;
};
SAKE_JSON(draft, title, text);
// [/draft]
/// The content of a response.
struct note {
  std::string id, title;
  std::optional<std::string> text;
};
SAKE_JSON(note, id, title, text);

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(draft)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(note)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::vector<note>)

constexpr auto no_such_note = caf::sec::invalid_argument;

struct notebook {
  std::map<std::string, note> notes;
  int last_id = 0;
};

/// Keeps the notes. It handles one message at a time, so its state needs no lock.
caf::behavior keep_notes(caf::stateful_actor<notebook>* self) {
  return {
      [=](caf::get_atom) {
        std::vector<note> all;
        for (const auto& [id, kept] : self->state.notes)
          all.push_back(kept);
        return all;
      },
      [=](caf::get_atom, const std::string& id) -> caf::result<note> {
        const auto found = self->state.notes.find(id);
        return found == self->state.notes.end() ? no_such_note : caf::result<note>{found->second};
      },
      [=](caf::add_atom, draft& wanted) {
        const auto id = std::to_string(++self->state.last_id);
        return self->state.notes[id] = {id, std::move(wanted.title), std::move(wanted.text)};
      },
      [=](caf::delete_atom, const std::string& id) -> caf::result<note> {
        auto taken = self->state.notes.extract(id);
        return taken ? caf::result<note>{std::move(taken.mapped())} : no_such_note;
      },
  };
}

/// Answers with the actor's answer, or with an error.
template <class T>
void answer(sake::context& ctx, const caf::expected<T>& said, int status = 200) {
  if (said)
    ctx.json(status, *said);
  else if (said.error() == no_such_note)
    ctx.json(404, {{"error", "there is no such note"}});
  else
    ctx.json(503, {{"error", "the notes cannot be reached"}});
}

int main(int argc, char** argv) {
  sake::engine app;
  const auto book = app.system().spawn(keep_notes);
  app.get("/notes", [book](sake::context& ctx) -> sake::task<> {
    answer(ctx, co_await ctx.ask<std::vector<note>>(book, 1s, caf::get_atom_v));
  });
  app.get("/notes/:id", [book](sake::context& ctx) -> sake::task<> {
    answer(ctx, co_await ctx.ask<note>(book, 1s, caf::get_atom_v, std::string{ctx.param("id")}));
  });
  // [post]
  app.post("/notes", [book](sake::context& ctx) -> sake::task<> {
    auto wanted = ctx.bind_json<draft>();
    if (!wanted)
      co_return; // bind_json has answered 400, with place and reason
    auto added = ctx.ask<note>(book, 1s, caf::add_atom_v, std::move(*wanted));
    answer(ctx, co_await added, 201);
  });
  // [/post]
  app.delete_("/notes/:id", [book](sake::context& ctx) -> sake::task<> {
    answer(ctx, co_await ctx.ask<note>(book, 1s, caf::delete_atom_v, std::string{ctx.param("id")}));
  });
  return app.run(argc > 1 ? argv[1] : "127.0.0.1:8080");
}
