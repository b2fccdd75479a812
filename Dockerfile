# One image of all services; docker-compose.yml names the program that each container runs.

FROM node:20-bookworm-slim AS site
WORKDIR /site
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web ./
RUN npm run build

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY Directory.Build.props Directory.Packages.props global.json .editorconfig ./
COPY src src
RUN for service in LiveRobot Api ControlSocket ChatSocket StatusSocket VideoRelay; do \
      dotnet publish src/$service -c Release --nologo -o /app/$service || exit 1; \
    done

FROM mcr.microsoft.com/dotnet/aspnet:10.0
# Still pictures of robots are made with ffmpeg.
RUN apt-get update && apt-get install -y --no-install-recommends ffmpeg && rm -rf /var/lib/apt/lists/*
COPY --from=build /app /app
COPY --from=site /site/dist /app/site
RUN mkdir /data && chown app /data
ENV Storage__Directory=/data Site__Directory=/app/site ASPNETCORE_HTTP_PORTS=
USER app
VOLUME /data
CMD ["dotnet", "/app/LiveRobot/LiveRobot.dll", "--data", "/data", "--site", "/app/site"]
