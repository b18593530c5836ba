#include "source.h"

#include <utility>

#include "stream_read.h"

namespace rondom::sql {

namespace {

constexpr std::size_t discovered_max = 500;

/// A connection that is watched while it is used.
struct Session {
  Session(const Address& address, const Context& context)
      : connection(make_connection(address)), watch(context, [this] { connection->interrupt(); }) {}
  std::unique_ptr<Connection> connection;
  Watch watch;
};

Status describe(std::string_view name, const Options& options, Driver driver,
                Connection& connection, Catalog& catalog) {
  Result<StreamShape> shape = shape_of(name, options, driver, false, connection);
  if (!shape.ok()) return shape.status();
  CatalogStream& stream = catalog.stream(std::string(name));
  std::vector<std::string> key;
  for (const OrderColumn& column : shape->relation.key) key.push_back(column.name);
  stream.key(std::move(key)).cursor(options.cursor);
  if (options.incremental()) stream.incremental_only();
  for (const Column& column : shape->columns) stream.field(column.name, field_type(column.kind));
  return {};
}

}  // namespace

Status SqlSource::check() {
  const Result<Address> address = address_of(config_);
  if (!address.ok()) return address.error();
  Session session(*address, context_);
  return session.connection->open();
}

Result<Catalog> SqlSource::discover() {
  return discover_with_options("{}");
}

Result<Catalog> SqlSource::discover_with_options(std::string_view options_json) {
  const Result<Address> address = address_of(config_);
  if (!address.ok()) return address.error();
  const Result<Json> given = parse_json(options_json.empty() ? "{}" : options_json);
  if (!given.ok()) return given.error();
  Session session(*address, context_);
  RONDOM_TRY(session.connection->open());
  Catalog catalog;
  if (const Json* streams = given->find("streams")) {
    for (const Json& stream : streams->items()) {
      std::string text = "{}";
      if (const Json* options = stream.find("options")) {
        text.clear();
        JsonWriter writer(text);
        options->write(writer);
      }
      const Result<Options> options = parse_options(text);
      if (!options.ok()) return options.error();
      RONDOM_TRY(describe(stream.text_or("stream", ""), *options, address->driver,
                          *session.connection, catalog));
    }
    return catalog;
  }
  Result<std::vector<Table>> tables = session.connection->tables();
  if (!tables.ok()) return tables.error();
  if (tables->size() > discovered_max) {
    context_.log(LogLevel::warning,
                 "The database has more tables than are listed; name them in jobs.");
    tables->resize(discovered_max);
  }
  for (const Table& table : *tables) {
    const Status status =
        describe(table.stream, Options{}, address->driver, *session.connection, catalog);
    // One view that no longer works, or one table that is not ours, hides no other.
    if (status.code() == Code::not_permitted || status.code() == Code::config) {
      context_.log(LogLevel::warning, status.error().message);
    } else if (!status.ok()) {
      return status.error();
    }
  }
  return catalog;
}

Status SqlSource::read(const ReadRequest& request, RecordWriter& out) {
  const Result<Address> address = address_of(config_);
  if (!address.ok()) return address.error();
  Session session(*address, context_);
  RONDOM_TRY(session.connection->open());
  for (const ReadStream& stream : request.streams) {
    const Result<Options> options = parse_options(stream.options_json);
    if (!options.ok()) return options.error();
    Result<StreamShape> shape =
        shape_of(stream.name, *options, address->driver, true, *session.connection);
    if (!shape.ok()) return shape.error();
    StreamRead read(stream, *options, std::move(*shape), request.records_max, *session.connection,
                    session.watch, out);
    RONDOM_TRY(read.run());
  }
  return {};
}

}  // namespace rondom::sql
