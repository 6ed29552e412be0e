'use strict';
(function () {
  var data = JSON.parse(document.getElementById('data').textContent);
  var byCode = {};
  data.areas.forEach(function (a) { byCode[a.code] = a; });

  function line(parent, text, tag) {
    var el = document.createElement(tag || 'div');
    el.textContent = text;
    parent.appendChild(el);
  }
  function tip(a) {
    var box = document.createElement('div');
    line(box, a.name, 'b');
    line(box, '重大和较大占比：' + a.share);
    line(box, '重大' + a.major + '个，较大' + a.considerable + '个，数据不足' + a.insufficient + '个');
    line(box, '已审定' + a.confirmed + '个，待审' + a.pending + '个');
    line(box, '应急能力平均分：' + a.mean);
    line(box, a.href ? '点击打开区报告' : '区报告未生成');
    return box;
  }
  function words(a) {
    return a.name + '，重大和较大风险源占比' + a.share + (a.href ? '，回车打开区报告' : '');
  }
  function open(a) { if (a.href) { window.location.href = a.href; } }
  function dark(colour) { return parseInt(colour.slice(3, 5), 16) < 0x80; }
  function fill(a) { return a.colour === null ? 'url(#hatch)' : data.ramp[a.colour]; }
  function reachable(el, a) {
    el.setAttribute('tabindex', '0');
    el.setAttribute('role', 'link');
    el.setAttribute('aria-label', words(a));
    el.addEventListener('keydown', function (e) {
      if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); open(a); }
    });
  }
  function hatch(map) {
    var svg = map.getPanes().overlayPane.querySelector('svg');
    if (!svg) { return; }
    var defs = document.createElementNS('http://www.w3.org/2000/svg', 'defs');
    defs.innerHTML = '<pattern id="hatch" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">' +
      '<rect width="8" height="8" fill="#fff"/><rect width="3" height="8" fill="#b9c1c9"/></pattern>';
    svg.insertBefore(defs, svg.firstChild);
  }
  function draw(id, core) {
    var map = L.map(id, {
      attributionControl: false, zoomSnap: 0.05, minZoom: 7, maxZoom: 13, scrollWheelZoom: false, zoomControl: !core
    });
    // The view has to be set first: before that Leaflet has made no elements that could take the keyboard.
    map.fitBounds(L.geoJSON({
      type: 'FeatureCollection',
      features: data.outlines.features.filter(function (f) { return !core || byCode[f.id].core; })
    }).getBounds(), {padding: [6, 6], animate: false});
    var shapes = L.geoJSON(data.outlines, {
      style: function (f) {
        return {fillColor: fill(byCode[f.id]), fillOpacity: 1, color: '#5b6875', weight: 1.1};
      },
      onEachFeature: function (f, layer) {
        var a = byCode[f.id];
        layer.bindTooltip(tip(a), {sticky: true});
        layer.on('click', function () { open(a); });
        layer.on('mouseover', function () { layer.setStyle({weight: 3, color: '#0b3d91'}).bringToFront(); });
        layer.on('mouseout', function () { shapes.resetStyle(layer); });
      }
    }).addTo(map);
    shapes.eachLayer(function (layer) {
      var a = byCode[layer.feature.id];
      var el = layer.getElement();
      if (el) { reachable(el, a); }
    });
    hatch(map);
    data.areas.forEach(function (a) {
      if (!a.outline) {
        var div = document.createElement('div');
        div.className = 'bda';
        div.style.background = a.colour === null ? '#ccc' : data.ramp[a.colour];
        var point = L.marker([a.lat, a.lon], {
          icon: L.divIcon({className: 'bda-icon', html: div, iconSize: [16, 16]}), keyboard: false
        }).addTo(map);
        point.bindTooltip(tip(a));
        point.on('click', function () { open(a); });
        reachable(point.getElement(), a);
      }
      if (a.outline && core !== a.core) { return; }
      var label = document.createElement('div');
      label.className = 'name' + (a.outline ? (a.colour !== null && dark(data.ramp[a.colour]) ? ' dark' : '') : ' bda-name' + (core ? ' left' : ''));
      line(label, a.outline ? a.name : '经开区', 'b');
      line(label, a.share, 'span');
      L.marker([a.label[1], a.label[0]], {
        icon: L.divIcon({className: '', html: label, iconSize: [110, 32], iconAnchor: a.outline ? [55, 16] : [core ? 124 : -14, 16]}),
        interactive: false, keyboard: false
      }).addTo(map);
    });
    L.control.scale({imperial: false}).addTo(map);
    var north = L.control({position: 'topright'});
    north.onAdd = function () {
      var box = L.DomUtil.create('div', 'north');
      line(box, '▲');
      line(box, '北');
      return box;
    };
    if (!core) { north.addTo(map); }
    return map;
  }
  draw('city', false);
  draw('core', true);

  // Search: every word has to stand in the row.
  var tables = Array.prototype.slice.call(document.querySelectorAll('table.searchable'));
  var input = document.getElementById('q'), found = document.getElementById('found');
  function search() {
    var wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
    tables.forEach(function (table) {
      Array.prototype.forEach.call(table.tBodies[0].rows, function (row) {
        var text = row.textContent.toLowerCase();
        row.hidden = !wanted.every(function (word) { return text.indexOf(word) >= 0; });
        if (!row.hidden) { shown += 1; }
      });
    });
    found.textContent = wanted.length ? '找到' + shown + '行（合计行为全市，不随检索变化）' : '';
  }
  input.addEventListener('input', search);

  // Sorting by a column: numbers by value, names by code order when the page was written.
  Array.prototype.forEach.call(document.querySelectorAll('table.sortable'), function (table) {
    var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
    function value(row, i) {
      var cell = row.cells[i], text = cell.hasAttribute('data-value') ? cell.getAttribute('data-value') : cell.textContent;
      var number = parseFloat(text);
      return isNaN(number) ? (i ? -1 : text) : number;
    }
    heads.forEach(function (head, i) {
      if (head.classList.contains('nosort')) { return; }
      head.tabIndex = 0;
      function sort() {
        var down = head.getAttribute('aria-sort') !== 'descending';
        heads.forEach(function (other) { other.removeAttribute('aria-sort'); });
        head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        var rows = Array.prototype.slice.call(table.tBodies[0].rows);
        rows.sort(function (a, b) {
          var x = value(a, i), y = value(b, i);
          return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
        });
        rows.forEach(function (row) { table.tBodies[0].appendChild(row); });
      }
      head.addEventListener('click', sort);
      head.addEventListener('keydown', function (e) { if (e.key === 'Enter') { sort(); } });
    });
  });
})();
