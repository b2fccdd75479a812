# A stage for each service, and one for all in one process: docker build --target control .
# They run as the user `app` and write nowhere but in /data (the store of one process alone) and /tmp.

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

FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS service
COPY --chmod=755 deploy/healthy.sh /app/healthy.sh
# Without the debugger's pipe, nothing is written into /tmp.
ENV ASPNETCORE_HTTP_PORTS= DOTNET_EnableDiagnostics=0
WORKDIR /app
USER app
HEALTHCHECK --interval=5s --timeout=4s --start-period=20s CMD ["/app/healthy.sh"]

FROM service AS control
COPY --from=build /app/ControlSocket .
ENV HEALTHY_PORT=8021
ENTRYPOINT ["dotnet", "ControlSocket.dll"]

FROM service AS chat
COPY --from=build /app/ChatSocket .
ENV HEALTHY_PORT=8023
ENTRYPOINT ["dotnet", "ChatSocket.dll"]

FROM service AS status
COPY --from=build /app/StatusSocket .
ENV HEALTHY_PORT=8022
ENTRYPOINT ["dotnet", "StatusSocket.dll"]

FROM service AS video
COPY --from=build /app/VideoRelay .
ENV HEALTHY_PORT=8082
ENTRYPOINT ["dotnet", "VideoRelay.dll"]

# Still pictures of robots are made with ffmpeg.
FROM service AS pictures
USER root
RUN apt-get update && apt-get install -y --no-install-recommends ffmpeg && rm -rf /var/lib/apt/lists/*
USER app
COPY --from=site /site/dist site
ENV Site__Directory=/app/site HEALTHY_PORT=8080

FROM pictures AS api
COPY --from=build /app/Api .
ENTRYPOINT ["dotnet", "Api.dll"]

FROM pictures AS liverobot
COPY --from=build /app/LiveRobot .
USER root
RUN mkdir /data && chown app /data
USER app
VOLUME /data
ENTRYPOINT ["dotnet", "LiveRobot.dll"]
CMD ["--data", "/data", "--site", "/app/site"]
