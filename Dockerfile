# The service on SQLite, in /data; on PostgreSQL with DATABASE_URL and AUTH_SECRET. See compose.yaml.

FROM node:22-bookworm-slim AS build
# What npm builds the SQLite driver with, where no prebuilt one fits.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends python3 make g++ \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json schema.graphql ./
COPY seed ./seed
COPY src ./src
# Copies keep their modes: whoever has checked out under a strict umask would build what the user below cannot read.
RUN npm run build \
  && npm prune --omit=dev \
  && chmod -R a+rX package.json dist

FROM node:22-bookworm-slim
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# `docker compose exec caretally caretally token --role ADMIN`
RUN ln -s /app/dist/src/cli.js /usr/local/bin/caretally \
  && chmod +x dist/src/cli.js \
  && mkdir --mode=700 /data \
  && chown node:node /data
USER node
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 DATABASE_URL=sqlite:/data/caretally.db
VOLUME /data
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/src/main.js"]
